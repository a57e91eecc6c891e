/** Processes as the kernel lists them. */
import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  /** With its arguments; empty for a zombie. */
  readonly command: string;
}

/** Those that the process has started, and those that it was given; zombies too. */
export function childrenOf(pid: number): readonly RunningProcess[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' '))
    .filter((child) => child !== '')
    .map((child) => ({ pid: Number(child), command: read(`/proc/${child}/cmdline`).replaceAll('\0', ' ') }));
}

/** Empty where it ends at this moment. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
