/** How much memory the process has taken, and may take before the kernel ends it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { totalmem } from 'node:os';

export interface ProcessMemory {
  readonly ceilingBytes: number;
  /** 0 where the kernel does not say. */
  residentBytes(): number;
  close(): void;
}

/** Of what there is: the rest is for the kernel, for other programs, and for what grows until a thread is gone. */
const share = 0.8;
const mib = 1_048_576;
/** The line stands in the first third of some 1,500 bytes. */
const statusBytes = 2048;

/**
 * `wantedMb`: the ceiling as configured; 0: by the machine's memory, or what the control group allows where that is less. Takes one
 * descriptor, so that it goes on when none is left, where process.memoryUsage throws.
 */
export function openProcessMemory(wantedMb: number): ProcessMemory {
  let file = openStatus();
  const text = Buffer.alloc(statusBytes);
  return {
    ceilingBytes: wantedMb > 0 ? wantedMb * mib : Math.floor(share * memoryThereIs()),
    residentBytes() {
      if (file === null) return 0;
      const length = readSync(file, text, 0, statusBytes, 0);
      // proc_pid_status(5).
      const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text.toString('latin1', 0, length))?.[1];
      return Number(kib ?? 0) * 1024;
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

function memoryThereIs(): number {
  // Without a limit it is 0, undefined, or a number beyond all memory.
  const limit = process.constrainedMemory();
  const isLimited = limit !== undefined && limit > 0 && limit < totalmem();
  return isLimited ? limit : totalmem();
}

/** Null without /proc. */
function openStatus(): number | null {
  try {
    return openSync('/proc/self/status', 'r');
  } catch {
    return null;
  }
}
