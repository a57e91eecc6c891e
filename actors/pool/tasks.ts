/**
 * What the pool does (Piscina): short, stateless work that would hold up an actor. A task that is inside node-av is never
 * ended from outside (ARCHITECTURE.md, Ends): each is short by its nature, and nobody waits for it for ever.
 */
import { type Outcome, toOutcome } from '../../src/core/supervise/outcome.js';
import { inNative, loadNativeAv, type NativeGuard } from '../media/native.js';
import { encodeStill, type Keyframe } from '../media/still.js';

/** Nobody condemns a pool thread: it is left to finish. */
const guard: NativeGuard = { enter: () => {}, leave: () => {} };

/** The version of FFmpeg that this process runs. Error: media.unavailable. */
export function ffmpegVersion(): Promise<Outcome<string>> {
  return toOutcome(async () => {
    const { lib } = await loadNativeAv(guard);
    return inNative(guard, () => lib.getFFmpegInfo().version);
  });
}

/** A keyframe to a PNG file. Errors: media.unavailable, stream.failed. */
export function snapshot(keyframe: Keyframe): Promise<Outcome<Uint8Array>> {
  return toOutcome(async () => encodeStill(await loadNativeAv(guard), guard, keyframe));
}
