/**
 * The words of the block of shared memory that each thread has in common with the supervisor, 32 bits each, read and
 * written by Atomics only (ARCHITECTURE.md, Ends and Logs).
 */
export const beatWords = {
  /** Counted up by the thread every `beatMs`, while its event loop lives; 0 until it is up. */
  beat: 0,
  /** 1 while the thread is inside a batch of node-av calls, where ending it from outside aborts the process. */
  inNative: 1,
  /** Set to 1 by the supervisor before it ends the thread: a thread that sees it parks instead of entering node-av. */
  condemned: 2,
  /** Lines of log that the main thread has taken from this thread: what bounds those under way. */
  linesTaken: 3,
} as const;

export const beatBlockBytes = 4 * Object.keys(beatWords).length;

export const beatMs = 100;
