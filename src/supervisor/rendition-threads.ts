/**
 * The threads of renditions, for the actors that ask for them. They are this thread's children, not the actors': Node ends
 * nested workers with their parent wherever they are, which inside node-av aborts the process. An actor that goes leaves
 * them a closed port, and they end by themselves.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { RenditionWish } from '../../actors/media/video-transcoder.js';
import type { RenditionBoot } from '../../actors/rendition/contract.js';
import { SluiceError } from '../errors.js';
import type { Log } from '../log.js';
import type { Guardian } from './guardian.js';
import { startWatchedWorker } from './watched-worker.js';

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
      const { port1, port2 } = new MessageChannel();
      const watched = startWatchedWorker<RenditionBoot>({
        entry: options.renditionUrl,
        name: 'rendition',
        boot: { wish, media: port2 },
        transfer: [port2],
      });
      const ended = watched.ended.then(({ exitCode, error }) => {
        log.log(exitCode === 0 ? 'info' : 'error', 'rendition.ended', { name, exitCode, error });
        alive.delete(ended);
      });
      alive.add(ended);
      guardian.add(watched, name);
      return port1;
    },
  };
}
