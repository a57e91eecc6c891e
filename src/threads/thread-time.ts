/** What the kernel tells of one thread of this process: how long it ran, how long it waited for a core, what it does now. */
import { existsSync, readFileSync } from 'node:fs';
import type { ThreadTime } from '../core/supervise/watchdog.js';

/**
 * `tid`: the kernel's number of the thread. Null where the kernel does not tell: no /proc, or one without schedstat. Two reads
 * of files that are made in memory, some 10 µs together.
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

/** proc_pid_stat(5): the letter behind the name, which may hold anything but is in brackets. */
function readState(tid: number): ThreadTime['state'] {
  const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'latin1');
  const letter = stat[stat.lastIndexOf(')') + 2];
  if (letter === 'S' || letter === 'I') return 'asleep';
  return letter === 'X' || letter === 'Z' ? 'gone' : 'waiting';
}
