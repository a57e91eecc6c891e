/** One thread as the kernel's scheduler sees it: its CPU time, its time in the run queue, its state. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { ThreadTime } from '../core/supervise/watchdog.js';

/**
 * `tid`: thread id of the kernel (gettid). `loop`: the epoll descriptor of its event loop, -1 where it is not known. `pid`: its
 * process. Null without /proc, or on a kernel without schedstat. Reads two or three files of /proc, some 10 µs together.
 */
export function readThreadTime(tid: number, loop = -1, pid: number | 'self' = 'self'): ThreadTime | null {
  const tasks = `/proc/${pid}/task`;
  try {
    const [ranMs = Number.NaN, waitedMs = Number.NaN] = readSchedstatMs(`${tasks}/${tid}`);
    if (!Number.isFinite(ranMs) || !Number.isFinite(waitedMs)) return null;
    return { ranMs, waitedMs, state: readState(`${tasks}/${tid}`, loop) };
  } catch {
    const isGone = existsSync('/proc/self/task') && !existsSync(`${tasks}/${tid}`);
    return isGone ? { ranMs: 0, waitedMs: 0, state: 'gone' } : null;
  }
}

/** Longer than any of the files that are read here. */
const text = Buffer.alloc(4096);

/** A file of /proc says that it is empty, so readFileSync takes 64 kB for it: hundreds of looks a second made V8 collect all the time. */
function readProcFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    return text.toString('latin1', 0, readSync(file, text, 0, text.length, 0));
  } finally {
    closeSync(file);
  }
}

/** Its time on a core, and in the run queue. */
const readSchedstatMs = (task: string): readonly number[] =>
  readProcFile(`${task}/schedstat`)
    .split(' ')
    .map((ns) => Number(ns) / 1e6);

/** CPU time of a thread of this process so far; null where the kernel does not say. */
export function readCpuMs(tid: number): number | null {
  if (tid <= 0) return null;
  try {
    const [ranMs = Number.NaN] = readSchedstatMs(`/proc/self/task/${tid}`);
    return Number.isFinite(ranMs) ? ranMs : null;
  } catch {
    return null;
  }
}

/** USER_HZ: a constant of Linux on x64 and arm64. */
const tickMs = 10;

/** proc_pid_stat(5): of all threads of another process, those too that have ended. */
export function readProcessCpuMs(pid: number): number | null {
  try {
    const stat = readProcFile(`/proc/${pid}/stat`);
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return utime === undefined || stime === undefined ? null : (utime + stime) * tickMs;
  } catch {
    return null;
  }
}

/** proc_pid_stat(5): the state is the letter after the name, which is in brackets and may hold any character. */
function readState(task: string, loop: number): ThreadTime['state'] {
  const stat = readProcFile(`${task}/stat`);
  const letter = stat[stat.lastIndexOf(')') + 2];
  if (letter === 'S' || letter === 'I') return isInLoop(task, loop) ? 'resting' : 'asleep';
  return letter === 'X' || letter === 'Z' ? 'gone' : 'waiting';
}

/** epoll_wait, epoll_pwait and epoll_pwait2 by the number of the system call: x86-64, and arm64 (asm-generic). */
const epollWaits: ReadonlySet<string> = new Set(process.arch === 'arm64' ? ['22', '441'] : ['232', '281', '441']);

/**
 * proc_pid_syscall(5): the number of the system call that it sleeps in, then its arguments. For an epoll wait the first is the
 * descriptor.
 */
function isInLoop(task: string, loop: number): boolean {
  if (loop < 0) return false;
  try {
    const [call = '', descriptor] = readProcFile(`${task}/syscall`).split(' ');
    return epollWaits.has(call) && Number(descriptor) === loop;
  } catch {
    // Some kernels do not tell: it is asleep then, for all that is known.
    return false;
  }
}
