/** The cores of this machine that have nothing to do. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { freeCores, type ProcessorTimes, parseProcessorTimes } from './core/supervise/free-cores.js';

function readTimes(): ProcessorTimes | null {
  try {
    return parseProcessorTimes(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}

/** Each call gives them as they were since the call before; null where the kernel does not say. */
export function createFreeCores(): () => number | null {
  let before = readTimes();
  return () => {
    const now = readTimes();
    const free = before === null || now === null ? null : freeCores(before, now, availableParallelism());
    before = now;
    return free;
  };
}
