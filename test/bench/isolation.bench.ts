/** What it costs to run renditions in processes of their own, in place of threads (media.renditionIsolation): CPU and memory. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from '../support/server/processes.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { usageOf } from '../support/server/usage.js';
import { startNginx } from '../support/source/nginx.js';
import { publish } from '../support/source/publisher.js';
import { joinWhep, type WhepViewer } from '../support/viewer/whep-viewer.js';
import { printTable, writeResult } from './report.js';

const rounds = 3;
const settleMs = 6000;
const watchMs = 15_000;

/** Renditions by the widths that viewers ask for; none: the source has B-frames, and is encoded again at its size. */
const cases = [
  { what: 'again at 1280x720 (B-frames)', stream: 'b', widths: [] },
  { what: 'one of 640x360', stream: 'plain', widths: [640] },
  { what: 'three, 640 to 320 wide', stream: 'plain', widths: [640, 480, 320] },
] as const;

interface Cost {
  readonly renditions: string;
  readonly isolation: string;
  /** Of the server and its processes. */
  readonly cores: number;
  /** Shared pages by their share (proc_pid_smaps, Pss). */
  readonly pssMb: number;
  /** From the request of the first viewer with a rendition to its first packet of video. */
  readonly firstPacketMs: number;
}

const pssMbOf = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) / 1024;

async function measure({ what, stream, widths }: (typeof cases)[number], isolation: string): Promise<Cost> {
  const sluice = await startSluice([
    `--media.renditionIsolation=${isolation}`,
    '--media.renditionsPerClient=8',
    '--viewers.silenceTimeoutMs=600000',
  ]);
  try {
    await pull(sluice, nginx.url(stream), 'cam');
    await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
    const queries = widths.length === 0 ? [''] : widths.map((width) => `?width=${width}`);
    const viewers: WhepViewer[] = [];
    let firstPacketMs = Number.NaN;
    for (const query of queries) {
      const startMs = performance.now();
      const viewer = await joinWhep(`${sluice.rest}/whep/cam${query}`);
      await viewer.whenVideo(1);
      if (Number.isNaN(firstPacketMs)) firstPacketMs = performance.now() - startMs;
      viewers.push(viewer);
    }
    await delay(settleMs);
    const pids = [sluice.child.pid, ...childrenOf(sluice.child.pid).map(({ pid }) => pid)];
    const cpuMs = (): number => pids.reduce((sum, pid) => sum + usageOf(pid).cpuMs, 0);
    const before = { cpuMs: cpuMs(), atMs: performance.now() };
    await delay(watchMs);
    const cores = (cpuMs() - before.cpuMs) / (performance.now() - before.atMs);
    const pssMb = pids.reduce((sum, pid) => sum + pssMbOf(pid), 0);
    for (const viewer of viewers) viewer.close();
    const ended = sluice.log().filter(({ event }) => event === 'rendition.ended');
    if (ended.length > 0) throw new Error(`a rendition ended meanwhile: ${JSON.stringify(ended)}`);
    return { renditions: what, isolation, cores, pssMb, firstPacketMs };
  } finally {
    await sluice.stop();
  }
}

const nginx = await startNginx();
const form = { size: '1280x720', fps: 30, bitrateKbps: 2500, gopFrames: 60 };
const publishers = await Promise.all([
  publish(nginx.url('plain'), form),
  publish(nginx.url('b'), { ...form, bFrames: 2 }),
]);
const costs: Cost[] = [];
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const one of cases) {
      for (const isolation of ['thread', 'process']) costs.push(await measure(one, isolation));
    }
  }
} finally {
  for (const publisher of publishers) await publisher.stop();
  await nginx.stop();
}
costs.sort((a, b) => a.renditions.localeCompare(b.renditions) || b.isolation.localeCompare(a.isolation));
printTable(
  'Renditions of 1280x720 at 30 fps, each with one viewer',
  costs.map(({ renditions, isolation, cores, pssMb, firstPacketMs }) => ({
    renditions,
    isolation,
    cores: cores.toFixed(3),
    'memory MB': pssMb.toFixed(0),
    'first packet ms': firstPacketMs.toFixed(0),
  })),
);
writeResult('isolation', { costs });
process.exit(0);
