/** What a viewer costs that joins: `npm run bench -- joins`. Real ICE and DTLS clients, in a process of their own. */
import { openStage } from './fanout/stage.js';
import { printTable, quantile, writeResult } from './report.js';

const seconds = 5;

const count = 500;
const crowd = await openStage({ fanout: 'native', viewers: 100, readers: 1, keyEvery: 0 });
// Those before them have warmed up code and memory.
const joined = await crowd.join(count, 0);
await crowd.close();
const joins = {
  viewers: count,
  joinsPerSecond: (count * 1000) / joined.wallMs,
  joinsPerCpuSecond: (count * 1000) / joined.actorCpuMs,
  cpuMs: joined.actorCpuMs / count,
  clientCpuMs: joined.clientCpuMs / count,
  memoryKb: joined.memoryBytes / count / 1024,
};
printTable('Viewers that join an idle stream, 8 at a time', [
  {
    viewers: joins.viewers,
    'joins/s': joins.joinsPerSecond.toFixed(0),
    'joins/CPU s': joins.joinsPerCpuSecond.toFixed(0),
    'CPU ms a join': joins.cpuMs.toFixed(2),
    'of a client': joins.clientCpuMs.toFixed(2),
    'kB a viewer': joins.memoryKb.toFixed(0),
  },
]);

const watch = async (joining: number): Promise<{ joining: number; frameMs: number[]; lost: number }> => {
  const stage = await openStage({ fanout: 'native', viewers: 100, readers: 16, keyEvery: 0 });
  const seen = stage.run(seconds);
  // Behind the warm-up, in the midst of what is measured.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  if (joining > 0) await stage.join(joining, 1000);
  const { viewers } = await seen;
  await stage.close();
  return { joining, frameMs: viewers.frameMs.toSorted((a, b) => a - b), lost: viewers.lost };
};
const watched = [await watch(0), await watch(20)];
printTable(
  `100 watch for ${seconds} s, and others join within one of them; ms from source to the end of a frame at a watcher`,
  watched.map(({ joining, frameMs, lost }) => ({
    joining,
    lost,
    p50: quantile(frameMs, 0.5).toFixed(2),
    p99: quantile(frameMs, 0.99).toFixed(2),
    longest: quantile(frameMs, 1).toFixed(2),
  })),
);
writeResult('joins', {
  joins,
  watched: watched.map(({ joining, frameMs, lost }) => ({ joining, lost, frameMs: frameMs.at(-1) })),
});
