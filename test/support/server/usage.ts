/** What a process takes of the machine, by the kernel's account. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  readonly atMs: number;
  /** Of all its threads, those that ended too. */
  readonly cpuMs: number;
  /** Of the whole machine: loopback is delivered there, on whose account the kernel likes. */
  readonly softirqMs: number;
  readonly rssMb: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** USER_HZ, in which the kernel counts for all programs on Linux. */
const tickMs = 10;

/** proc_pid_stat(5). */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [utime = 0, stime = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  const [cpu = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  return {
    atMs: performance.now(),
    cpuMs: (utime + stime) * tickMs,
    softirqMs: Number(cpu.split(/\s+/)[7]) * tickMs,
    rssMb: rssKb / 1024,
    threads: readdirSync(`/proc/${pid}/task`).length,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** Cores of the process between two looks. */
export const coresBetween = (before: Usage, after: Usage): number =>
  (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs);
