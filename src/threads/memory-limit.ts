/** How much memory the process may take before the kernel ends it. */
import { totalmem } from 'node:os';

/** Of what there is: the rest is for the kernel, for other programs, and for what grows until a thread is gone. */
const share = 0.8;
const mib = 1_048_576;

/** Bytes. `wantedMb`: as configured; 0: by the machine's memory, or what the control group allows where that is less. */
export function memoryCeiling(wantedMb: number): number {
  if (wantedMb > 0) return wantedMb * mib;
  // Without a limit it is 0, undefined, or a number beyond all memory.
  const limit = process.constrainedMemory();
  const isLimited = limit !== undefined && limit > 0 && limit < totalmem();
  return Math.floor(share * (isLimited ? limit : totalmem()));
}
