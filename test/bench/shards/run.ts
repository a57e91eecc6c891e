/**
 * One measurement in a process of its own: `run THREADS FRAMES PORTS` sends so many frames to viewers on these ports (a
 * JSON list), spread over so many threads that read one log, and prints wall time and CPU of it in µs, as JSON.
 */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { publishFrame } from '../fanout/load.js';
import type { ThreadBoot, ToThread } from './thread.js';

/** Sent before the clock is started. */
const warmUpFrames = 20;
/** Published ahead of the slowest thread: threads must not wait for each other's last viewer. */
const framesAhead = 4;

const [threadCount = '', frames = '', list = ''] = process.argv.slice(2);
const ports: readonly number[] = JSON.parse(list);
const history = createRtpHistory({ maxBytes: 4_194_304, maxPackets: 8192 });

const threads = await Promise.all(
  Array.from({ length: Number(threadCount) }, async (_, n) => {
    const { port1, port2 } = new MessageChannel();
    const progress = new SharedArrayBuffer(4);
    const mine = ports.filter((_port, at) => at % Number(threadCount) === n);
    const boot: ThreadBoot = { ports: mine, port: port2, progress };
    new Worker(new URL('thread.js', import.meta.url), { workerData: boot, transferList: [port2] });
    await once(port1, 'message');
    return { tell: (message: ToThread) => port1.postMessage(message), served: new Int32Array(progress) };
  }),
);

/** Blocks until each thread has sent the log up to this packet. */
function waitFor(packet: number): void {
  for (const { served } of threads) {
    for (let at = Atomics.load(served, 0); at < packet; at = Atomics.load(served, 0)) Atomics.wait(served, 0, at);
  }
}

let told = new Set<object>();
function send(count: number): void {
  const ends: number[] = [];
  for (let frame = 0; frame < count; frame += 1) {
    publishFrame(history, frame);
    history.publish();
    ends.push(history.end);
    for (const { tell } of threads) {
      if (!told.has(history.memory)) tell({ memory: history.memory, first: history.first });
      tell('published');
    }
    told = new Set([history.memory]);
    waitFor(ends[frame - framesAhead] ?? 0);
  }
  waitFor(history.end);
}

send(warmUpFrames);
const before = { cpu: process.cpuUsage(), ns: process.hrtime.bigint() };
send(Number(frames));
const wallUs = Number(process.hrtime.bigint() - before.ns) / 1000;
const { user, system } = process.cpuUsage(before.cpu);
console.log(JSON.stringify({ wallUs, cpuUs: user + system }));
process.exit(0);
