/** One thread of this process as the kernel's scheduler sees it: its CPU time, its time in the run queue, its state. */
import { existsSync, readFileSync } from 'node:fs';
import type { ThreadTime } from '../core/supervise/watchdog.js';

/**
 * `tid`: thread id of the kernel (gettid). Null without /proc, or on a kernel without schedstat. Reads two files of /proc,
 * some 10 µs together.
 */
export function readThreadTime(tid: number): ThreadTime | null {
  try {
    const [ranNs, waitedNs] = readFileSync(`/proc/self/task/${tid}/schedstat`, 'latin1').split(' ');
    const ranMs = Number(ranNs) / 1e6;
    const waitedMs = Number(waitedNs) / 1e6;
    if (!Number.isFinite(ranMs) || !Number.isFinite(waitedMs)) return null;
    return { ranMs, waitedMs, state: readState(tid) };
  } catch {
    const isGone = existsSync('/proc/self/task') && !existsSync(`/proc/self/task/${tid}`);
    return isGone ? { ranMs: 0, waitedMs: 0, state: 'gone' } : null;
  }
}

/** proc_pid_stat(5): the state is the letter after the name, which is in brackets and may hold any character. */
function readState(tid: number): ThreadTime['state'] {
  const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
  const letter = stat[stat.lastIndexOf(')') + 2];
  if (letter === 'S' || letter === 'I') return 'asleep';
  return letter === 'X' || letter === 'Z' ? 'gone' : 'waiting';
}
