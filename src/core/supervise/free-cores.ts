/** How much of a machine has nothing to do, by the kernel's account of its processors (proc_stat(5)), and when that is nothing. */

/** Ticks since the start of the machine, of all processors together. */
export interface ProcessorTimes {
  readonly idle: number;
  readonly all: number;
}

/** Null for a text that is none. `iowait` counts as idle: a processor that waits for a disk takes other work. */
export function parseProcessorTimes(stat: string): ProcessorTimes | null {
  const line = /^cpu +(\d+(?: \d+)*)/m.exec(stat)?.[1];
  // user nice system idle iowait irq softirq steal; guests are part of the first two.
  const [user = 0, nice = 0, system = 0, idle, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    line?.split(' ').map(Number) ?? [];
  if (idle === undefined) return null;
  const busy = user + nice + system + irq + softirq + steal;
  return { idle: idle + iowait, all: busy + idle + iowait };
}

/** 0 to `cores`. */
export function freeCores(before: ProcessorTimes, now: ProcessorTimes, cores: number): number {
  const all = now.all - before.all;
  return all <= 0 ? 0 : (cores * (now.idle - before.idle)) / all;
}

/** Between two looks. */
export interface CoreUse {
  /** Of the machine. */
  readonly cores: number;
  /** That the process took. */
  readonly taken: number;
  /** That nobody took. */
  readonly free: number;
}

/** Where a process has less of the machine, others fill it, from whom it gets what is its share: its viewers play, if later. */
const ownShare = 0.75;

/** The process has `maxShare` of what others leave of the machine: whatever comes on top is taken from what it does already. */
export const isMachineFull = ({ cores, taken, free }: CoreUse, maxShare: number): boolean =>
  taken >= ownShare * cores && taken >= maxShare * (taken + free);
