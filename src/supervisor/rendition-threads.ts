/**
 * The threads of renditions, for the actors that ask for them. They are this thread's children, not the actors': Node ends
 * nested workers with their parent wherever they are, which inside node-av aborts the process. An actor that goes leaves
 * them a closed port, and they end by themselves.
 */
import { randomUUID } from 'node:crypto';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { RenditionWish } from '../../actors/media/video-transcoder.js';
import type { RenditionBoot } from '../../actors/rendition/contract.js';
import { beatBlockBytes, beatWords } from '../core/supervise/beat-block.js';
import { SluiceError } from '../errors.js';
import type { Log } from '../log.js';
import type { Guardian } from './guardian.js';

export interface RenditionThreads {
  /** Starts a thread; the port to it closes when it ends. Error: pull.limit beyond `maxRenditions`. */
  open(wish: RenditionWish, name: string): MessagePort;
  /** Each resolves when its thread is gone. */
  readonly ended: readonly Promise<void>[];
}

export interface RenditionThreadsOptions {
  readonly renditionUrl: URL;
  readonly maxRenditions: number;
  readonly guardian: Guardian;
  readonly log: Pick<Log, 'log'>;
}

export function createRenditionThreads(options: RenditionThreadsOptions): RenditionThreads {
  const { maxRenditions, guardian, log } = options;
  const alive = new Set<Promise<void>>();

  return {
    get ended() {
      return [...alive];
    },
    open(wish, name) {
      if (alive.size >= maxRenditions) throw new SluiceError('pull.limit', `media.maxRenditions is ${maxRenditions}`);
      const beat = new SharedArrayBuffer(beatBlockBytes);
      const words = new Int32Array(beat);
      const { port1, port2 } = new MessageChannel();
      const worker = new Worker(options.renditionUrl, {
        workerData: { wish, beat, media: port2 } satisfies RenditionBoot,
        transferList: [port2],
        name: 'rendition',
      });
      let error = '';
      worker.on('error', (thrown: unknown) => {
        error = thrown instanceof Error ? thrown.message : String(thrown);
      });
      const ended = new Promise<void>((resolve) => {
        worker.once('exit', (exitCode) => {
          log.log(exitCode === 0 ? 'info' : 'error', 'rendition.ended', { name, exitCode, error });
          alive.delete(ended);
          resolve();
        });
      });
      alive.add(ended);
      const id = randomUUID();
      guardian.add(
        {
          id,
          ended,
          sign: () => ({
            id,
            beat: Atomics.load(words, beatWords.beat),
            inNative: Atomics.load(words, beatWords.inNative) === 1,
            overdue: false,
          }),
          condemn() {
            Atomics.store(words, beatWords.condemned, 1);
          },
          terminate() {
            void worker.terminate();
          },
        },
        name,
      );
      return port1;
    },
  };
}
