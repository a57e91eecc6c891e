/** The pool of threads for short jobs. It starts with the first job, and runs at a lower priority than media. */
import { availableParallelism, getPriority } from 'node:os';
import { Piscina } from 'piscina';
import type { Keyframe, StillForm } from '../../actors/media/still.js';
import type { RecordingPart } from '../core/recording/part.js';
import { type Child, describeChild } from '../core/supervise/child.js';
import { fromOutcome, type Outcome } from '../core/supervise/outcome.js';
import { SluiceError } from '../errors.js';

export interface Pool {
  /** A keyframe as a file. Errors: stream.failed, media.unavailable, request.tooMany (queue full). */
  snapshot(keyframe: Keyframe, form: StillForm): Promise<Uint8Array>;
  /** Whether any picture comes of these frames. Errors: media.unavailable, media.tooLarge, request.tooMany (queue full). */
  decodes(keyframe: Keyframe): Promise<boolean>;
  /** What was recorded, to its file; one after the other. Gives the part as it is then. Errors: media.unavailable, internal. */
  finishRecording(folder: string, part: RecordingPart): Promise<RecordingPart>;
  /** Error: media.unavailable. */
  ffmpegVersion(): Promise<string>;
  /** Its threads, which come and go, as one. */
  readonly child: Child;
  /** Resolves when the running jobs are done. */
  close(): Promise<void>;
}

const maxWaiting = 16;
const idleMs = 30_000;
const niceness = 7;

/**
 * By how much the pool's threads are nicer than the process, whose niceness is `own` (nice(2)). @napi-rs/nice takes a resulting -1 for
 * an error, and ends the process by it.
 */
export const niceIncrementFrom = (own: number): number => (own + niceness === -1 ? niceness + 1 : niceness);

export function createPool(tasksUrl: URL): Pool {
  let piscina: Piscina | null = null;
  let finishing: Promise<unknown> = Promise.resolve();
  const open = (): Piscina => {
    piscina ??= new Piscina({
      filename: tasksUrl.href,
      minThreads: 0,
      maxThreads: Math.max(1, availableParallelism() - 1),
      maxQueue: maxWaiting,
      idleTimeout: idleMs,
      niceIncrement: niceIncrementFrom(getPriority()),
    });
    return piscina;
  };

  const run = async <T>(name: string, job: object): Promise<T> => {
    const pool = open();
    if (pool.queueSize >= maxWaiting) throw new SluiceError('request.tooMany', 'too many pictures are wanted at once');
    const outcome: Outcome<T> = await pool.run(job, { name });
    return fromOutcome(outcome);
  };

  return {
    snapshot: (keyframe, form) => run('snapshot', { keyframe, form }),
    decodes: (keyframe) => run('decodes', keyframe),
    finishRecording(folder, part) {
      const done = finishing.then(async () => {
        const outcome: Outcome<RecordingPart> = await open().run({ folder, part }, { name: 'finishRecording' });
        return fromOutcome(outcome);
      });
      finishing = done.catch(() => {});
      return done;
    },
    async ffmpegVersion() {
      const outcome: Outcome<string> = await open().run(null, { name: 'ffmpegVersion' });
      return fromOutcome(outcome);
    },
    get child() {
      const state = piscina === null || piscina.threads.length === 0 ? 'ended' : 'running';
      return describeChild({ kind: 'pool', id: 'pool', name: '', state }, null);
    },
    async close() {
      await piscina?.close();
    },
  };
}
