/** Drills: how a thread can be broken from inside, to prove that it is contained. */

/** Faults of the stream's own thread after which it does not come back to its event loop before it is condemned. */
export const hangs = [
  /** An endless loop in the callback of an event. */
  'hang',
  /** An endless loop in a promise continuation, behind the handler of the next datagram; where none comes, behind a timer. */
  'hangPromise',
  /** A regular expression that backtracks for ever. */
  'hangRegExp',
  /** Atomics.wait without an end. */
  'hangWait',
  /** A native call of some 10 s of a core's time, which nothing can interrupt. */
  'hangNative',
  /** The same inside the door to FFmpeg, where ending a thread would abort the process. */
  'hangCodec',
] as const;

/** Shapes in which the thread's memory grows without an end. In the first five its event loop never turns again. */
export const memoryFaults = [
  /** Small objects. */
  'heap',
  'heapStrings',
  /** Arrays that are made and filled at once: in such a loop V8 may leave out the look at whether it is to end. */
  'heapFilled',
  /** One array, which is moved as it grows. */
  'heapOneArray',
  /** Outside the JavaScript heap. */
  'buffers',
  /** The same by and by, in turns of its event loop: some GB a second. */
  'arrayBuffers',
  /** 5 MB a second. */
  'leak',
] as const;

export const faults = [
  ...hangs,
  ...memoryFaults,
  /** An uncaught exception. */
  'throw',
  /** The same out of any place in the code that the thread passes within two seconds, and out of each that it passes after it. */
  'throwAnywhere',
  /** One exception out of any place, and no other: it may be caught. */
  'throwOnce',
  /** SIGABRT to the whole process, as native code that aborts sends it: no thread contains that. */
  'abort',
  /** An uncaught exception in one of the stream's further fan-out threads, where it has any. */
  'shard',
  /** An endless loop in one of those. */
  'shardHang',
] as const;

export type Hang = (typeof hangs)[number];
export type MemoryFault = (typeof memoryFaults)[number];
export type Fault = (typeof faults)[number];
