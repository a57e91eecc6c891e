/**
 * The one door to node-av (FFmpeg in this process). Its rules, each bought with a crash (docs/media.md 1):
 *
 * - Only the low-level, synchronous calls: an asynchronous one costs 17 times as much, and is in flight when the
 *   thread is ended from outside, which aborts the process.
 * - Options are set one by one by `setOption` before `open2Sync(codec, null)`: given a dictionary, open2Sync frees
 *   it twice.
 * - Every batch of calls runs inside `inNative`, so that the supervisor never ends a thread that is in there.
 * - FFmpeg's log callback is one global of the process without a lock: two threads that set it, or one line logged
 *   after the thread that set it has gone, abort the process. So FFmpeg is made silent; what failed is known by return
 *   codes, and counted and logged by the caller.
 */
import { constants } from 'node:os';
import { readThrown, SluiceError } from '../../src/errors.js';

/** The actor's `inNative` and `condemned` words (ARCHITECTURE.md, Ends). `enter` may park the thread for ever. */
export interface NativeGuard {
  enter(): void;
  leave(): void;
}

export type NativeLib = typeof import('./native-lib.js');

export interface NativeAv {
  readonly lib: NativeLib;
}

/** Runs one batch of node-av calls under the guard, whatever it throws. Batches do not nest. */
export function inNative<T>(guard: NativeGuard, batch: () => T): T {
  guard.enter();
  try {
    return batch();
  } finally {
    guard.leave();
  }
}

/** More input is wanted first: AVERROR(EAGAIN), which is the negated number of the system (libavutil/error.h). */
export const averrorAgain = -constants.errno.EAGAIN;

let loading: Promise<NativeAv> | undefined;

/**
 * Loads node-av on first use in this thread, later calls share it. Error: media.unavailable where the binary is
 * missing or does not load (the stream then goes on without audio).
 */
export function loadNativeAv(guard: NativeGuard): Promise<NativeAv> {
  loading ??= load(guard);
  return loading;
}

async function load(guard: NativeGuard): Promise<NativeAv> {
  guard.enter();
  try {
    const lib = await import('./native-lib.js');
    lib.Log.setLevel(lib.AV_LOG_QUIET);
    return { lib };
  } catch (error) {
    throw new SluiceError('media.unavailable', `${process.platform}-${process.arch}: ${firstLine(error)}`);
  } finally {
    guard.leave();
  }
}

function firstLine(error: unknown): string {
  return readThrown(error).message.split('\n', 1)[0] ?? '';
}

/** Throws when a call that must not fail did (negative: an AVERROR). Error: internal. */
export function mustSucceed(what: string, code: number): void {
  if (code < 0) throw new SluiceError('internal', `FFmpeg: ${what} gave ${code}`);
}
