/**
 * What the pool does (Piscina): short, stateless work that would hold up an actor. A task that is inside node-av is never
 * ended from outside (ARCHITECTURE.md, Ends): each is short by its nature, and nobody waits for it for ever.
 */
import type { RecordingPart } from '../../src/core/recording/part.js';
import { type Outcome, toOutcome } from '../../src/core/supervise/outcome.js';
import { inNative, loadNativeAv, type NativeGuard } from '../media/native.js';
import { decodes as decodesAny, encodeStill, type Keyframe, type StillForm } from '../media/still.js';

/** Nobody condemns a pool thread: it is left to finish. */
const guard: NativeGuard = { enter: () => {}, leave: () => {} };

/** The version of FFmpeg that this process runs. Error: media.unavailable. */
export function ffmpegVersion(): Promise<Outcome<string>> {
  return toOutcome(async () => {
    const { lib } = await loadNativeAv(guard);
    return inNative(guard, () => lib.getFFmpegInfo().version);
  });
}

/** A keyframe to a file. Errors: media.unavailable, stream.failed. */
export function snapshot({ keyframe, form }: SnapshotJob): Promise<Outcome<Uint8Array>> {
  return toOutcome(async () => encodeStill(await loadNativeAv(guard), guard, keyframe, form));
}

/** Whether any picture comes of these frames. Errors: media.unavailable, media.tooLarge. */
export function decodes(keyframe: Keyframe): Promise<Outcome<boolean>> {
  return toOutcome(async () => decodesAny(await loadNativeAv(guard), guard, keyframe));
}

/** What was recorded of a part, to its file. Gives the part as it is then. Errors: media.unavailable, internal. */
export function finishRecording({ folder, part }: FinishJob): Promise<Outcome<RecordingPart>> {
  return toOutcome(async () => {
    const av = await loadNativeAv(guard);
    const { finishPart } = await import('../recording/finish-part.js');
    return finishPart(av, guard, folder, part);
  });
}

export interface SnapshotJob {
  readonly keyframe: Keyframe;
  readonly form: StillForm;
}

export interface FinishJob {
  readonly folder: string;
  readonly part: RecordingPart;
}
