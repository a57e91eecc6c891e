/**
 * What browsers, encoders and clocks do in time is judged only while the machine is the test's own: where others take its cores,
 * they are late by no fault of ours. What is lost, out of order or wrong is judged by the tests themselves, however busy it is.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** Whose descendants are the test's own: those of the runner that started this file, where that runs one at a time (test/run.mjs). */
const rootPid = process.env.TEST_RUNS_ALONE === '1' ? process.ppid : process.pid;
/** USER_HZ, in which the kernel counts for all programs on Linux. */
const tickMs = 10;
/** Of cores that others take: beyond it nothing is judged by the clock. The system itself takes some hundredths. */
const quietCores = 0.4;
/** Of cores that nobody took: below it the tests beside this one, or its own browsers starting, may be what is late. */
const freeCores = 0.2;
/** Windows on a full machine that are measured once more, for each that counts. */
const fullWindows = 3;

interface CpuTimes {
  readonly atMs: number;
  /** Of all processes, and what the hypervisor took. */
  readonly allMs: number;
  /** Of the root and all who descend from it, those who have ended included. */
  readonly ownMs: number;
  /** That no process took, of all cores. */
  readonly idleMs: number;
}

interface ProcessTimes {
  readonly parent: number;
  readonly ms: number;
}

/** proc_pid_stat(5); null for one that has just gone. */
function readProcess(pid: string): ProcessTimes | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, parent = '', , , , , , , , , , ...times] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), ms: times.slice(0, 4).reduce((sum, ticks) => sum + Number(ticks) * tickMs, 0) };
  } catch {
    return null;
  }
}

function readTimes(): CpuTimes {
  const processes = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const read = /^\d+$/.test(name) ? readProcess(name) : null;
    if (read !== null) processes.set(Number(name), read);
  }
  const isOwn = (pid: number): boolean =>
    pid === rootPid || (processes.has(pid) && isOwn(processes.get(pid)?.parent ?? 0));
  const own = [...processes].filter(([pid]) => isOwn(pid));
  const [cpu = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  // Interrupts are left out: those of our own packets are nobody's.
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, , , steal = 0] = cpu.split(/\s+/).slice(1).map(Number);
  return {
    atMs: performance.now(),
    allMs: (user + nice + system + steal) * tickMs,
    ownMs: own.reduce((sum, [, { ms }]) => sum + ms, 0),
    idleMs: (idle + ioWait) * tickMs,
  };
}

/** Measures, and how many cores others took meanwhile. */
export async function besideOthers<T>(
  measure: () => Promise<T>,
): Promise<{ readonly result: T; readonly othersCores: number; readonly idleCores: number }> {
  const before = readTimes();
  const result = await measure();
  const after = readTimes();
  const othersMs = after.allMs - before.allMs - (after.ownMs - before.ownMs);
  const tookMs = after.atMs - before.atMs;
  return {
    result,
    othersCores: Math.max(0, othersMs / tookMs),
    idleCores: (after.idleMs - before.idleMs) / tookMs,
  };
}

export interface Judgement<T> {
  readonly measure: () => Promise<T>;
  readonly isGood: (result: T) => boolean;
  /** What is wrong with a result that is not good. */
  readonly words: (result: T) => string;
  /** How often it may be measured: for a moment anything may be late, and what is wrong with us is wrong in every window. 1: it happens once. */
  readonly windows?: number;
}

/**
 * Fails unless a window is good, or all were measured on a busy machine, which is told. Gives the last result. A window in which
 * nothing was left of the machine is measured again, a bounded number of times: browsers that start beside it take all of a small one.
 */
export async function judged<T>(t: TestContext, { measure, isGood, words, windows = 3 }: Judgement<T>): Promise<T> {
  let leastCores = Number.POSITIVE_INFINITY;
  let full = 0;
  for (let window = 1; ; window += 1) {
    const { result, othersCores, idleCores } = await besideOthers(measure);
    if (isGood(result)) return result;
    leastCores = Math.min(leastCores, othersCores);
    if (windows > 1 && idleCores < freeCores && full < windows * fullWindows) full += 1;
    if (window - full < windows) continue;
    assert.ok(
      leastCores > quietCores,
      `${words(result)}, where others took ${leastCores.toFixed(2)} cores at the least`,
    );
    t.diagnostic(`not judged, as others took ${leastCores.toFixed(2)} cores and more: ${words(result)}`);
    return result;
  }
}
