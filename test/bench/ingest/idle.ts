/** What a pulled stream costs that nobody watches, in the real server, by the kernel's own account of each thread. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from '../../support/server/child.js';
import { pull, whenStatus } from '../../support/server/pulls.js';
import { startSluice } from '../../support/server/sluice.js';
import { startNginx } from '../../support/source/nginx.js';

const idleMs = 20_000;
/** V8 compiles what runs often, and a stream brings no more than some 75 messages a second: until then it interprets. */
const settleMs = 45_000;
export const actors = 10;

/** CPU time of each thread so far, in ns (proc_pid_schedstat). */
function threadsOf(pid: number): Map<string, number> {
  const threads = new Map<string, number>();
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    threads.set(tid, Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]));
  }
  return threads;
}

const rssMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** In percent of a core: the thread that came with the pull, and the whole process. */
async function cpuOver(pid: number, isOld: (tid: string) => boolean): Promise<{ actor: number; process: number }> {
  const before = threadsOf(pid);
  const startMs = performance.now();
  await delay(idleMs);
  const spent = [...threadsOf(pid)].map(([tid, ns]) => ({ tid, ns: ns - (before.get(tid) ?? 0) }));
  const share = (ns: number): number => ns / (performance.now() - startMs) / 1e4;
  const own = spent.filter(({ tid }) => !isOld(tid)).map(({ ns }) => ns);
  return { actor: share(Math.max(...own)), process: share(spent.reduce((sum, { ns }) => sum + ns, 0)) };
}

export async function measureIdle(file: string) {
  const [nginx, sluice] = await Promise.all([startNginx(), startSluice(['--supervisor.spareThreads=0'])]);
  const loop = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', nginx.url('cam')];
  const publisher = await startChild('ffmpeg', loop);
  const { pid } = sluice.child;
  /** nginx takes an argument for no part of the name: so each is a pull of its own. */
  const begin = async (n: number): Promise<void> => {
    await pull(sluice, `${nginx.url('cam')}?n=${n}`, `cam${n}`);
    await whenStatus(sluice, `cam${n}`, 'PROCESSED_REMOTE');
  };
  try {
    const old = threadsOf(pid);
    await begin(0);
    await delay(settleMs);
    const one = await cpuOver(pid, (tid) => old.has(tid));
    const oneRssMiB = rssMiB(pid);
    for (let n = 1; n < actors; n += 1) await begin(n);
    await delay(settleMs);
    const actorRssMiB = (rssMiB(pid) - oneRssMiB) / (actors - 1);
    const many = await cpuOver(pid, (tid) => old.has(tid));
    return { actorPercent: one.actor, processPercent: one.process, meanPercent: many.process / actors, actorRssMiB };
  } finally {
    await publisher.stop();
    await Promise.all([sluice.stop(), nginx.stop()]);
  }
}
