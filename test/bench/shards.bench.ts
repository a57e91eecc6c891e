/** What a further fan-out thread brings: `npm run bench -- shards`. */
import { startChild } from '../support/server/child.js';
import { packetsPerFrame } from './fanout/load.js';
import { printTable, quantile, writeResult } from './report.js';

const viewers = 200;
const frames = 600;
const rounds = 5;
const threadCounts = [1, 2, 4];

interface Taken {
  readonly wallUs: number;
  readonly cpuUs: number;
}

const program = (name: string): string => new URL(name, import.meta.url).pathname;

async function measure(threads: number, ports: string): Promise<Taken> {
  const child = await startChild(process.execPath, [program('shards/run.js'), String(threads), String(frames), ports]);
  const line = await child.line('what it took', (text) => text.startsWith('{'), 60_000);
  await child.exited;
  return JSON.parse(line);
}

const sinks = await startChild(process.execPath, [program('fanout/sinks.js'), String(viewers)]);
const ports = await sinks.line('the ports of the receivers', (line) => line.startsWith('['));
const runs: readonly { readonly threads: number; readonly taken: Taken[] }[] = threadCounts.map((threads) => ({
  threads,
  taken: [],
}));
// In turns, so that a busy moment hits all alike.
for (let round = 0; round < rounds; round += 1) {
  for (const { threads, taken } of runs) taken.push(await measure(threads, ports));
}
await sinks.stop('SIGKILL');

const packets = frames * packetsPerFrame * viewers;
const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const results = runs.map(({ threads, taken }) => ({
  threads,
  packetsPerSecond: packets / (median(taken.map(({ wallUs }) => wallUs)) / 1e6),
  cpuUsPerPacket: median(taken.map(({ cpuUs }) => cpuUs)) / packets,
  coresBusy: median(taken.map(({ wallUs, cpuUs }) => cpuUs / wallUs)),
}));
const [alone] = results;
printTable(
  `One packet of 1,200 bytes to one viewer, 9 a frame, ${viewers} viewers whose sockets nobody reads, over all threads`,
  results.map((result) => ({
    threads: result.threads,
    'packets/s': Math.round(result.packetsPerSecond),
    'x one': (result.packetsPerSecond / (alone?.packetsPerSecond ?? Number.NaN)).toFixed(2),
    'CPU µs': result.cpuUsPerPacket.toFixed(2),
    'cores busy': result.coresBusy.toFixed(2),
  })),
);
writeResult('shards', { viewers, frames, results });
