/** The thread that writes all recordings: started with the first, and again when it has ended. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { FromRecorder, RecorderBoot, ToRecorder } from '../../actors/recording/contract.js';
import { withoutHostPaths } from '../core/guard/host-paths.js';
import { type Child, type ChildRecord, describeChild, emptyRecord } from '../core/supervise/child.js';
import type { Logger } from '../log-line.js';
import type { Guardian } from './guardian.js';
import { startWatchedWorker, type WatchedWorker } from './watched-worker.js';

export interface Recorder {
  /** Starts the thread where none runs. `port`: goes with the message. */
  send(message: ToRecorder, port?: MessagePort): void;
  /** Null before the first recording. */
  child(): Child | null;
  /** Ends what is recorded; resolves when the thread is gone, or abandoned. */
  close(): Promise<void>;
}

export interface RecorderOptions extends Pick<RecorderBoot, 'folder' | 'maxQueueBytes' | 'minFreeBytes'> {
  readonly entry: URL;
  readonly guardian: Pick<Guardian, 'add' | 'stateOf'>;
  /** Of the thread, in MiB; what may wait for the disk comes on top. */
  readonly memoryMb: number;
  readonly log: Logger;
  readonly onMessage: (message: FromRecorder) => void;
  /** It ended unasked: what was recorded must be begun again. */
  readonly onLost: () => void;
}

const identity = { kind: 'recorder', name: '' } as const;
const mebi = 1_048_576;

interface Running {
  readonly port: MessagePort;
  readonly thread: WatchedWorker;
  readonly ended: Promise<void>;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { entry, folder, maxQueueBytes, minFreeBytes, guardian, log } = options;
  let running: Running | null = null;
  let record: ChildRecord = emptyRecord;
  let isClosing = false;

  const start = (): Running => {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', options.onMessage);
    const watched = startWatchedWorker<RecorderBoot>({
      entry,
      name: 'recorder',
      boot: { main: port2, folder, maxQueueBytes, minFreeBytes },
      transfer: [port2],
      memoryMb: options.memoryMb + Math.ceil(maxQueueBytes / mebi),
    });
    guardian.add(watched, 'recorder');
    const ended = watched.ended.then(({ exitCode, error, condemnedBy }) => {
      const lastEnd = { cause: condemnedBy ?? 'crashed', error: withoutHostPaths(error), atMs: Date.now() };
      if (!isClosing) record = { ...emptyRecord, restarts: record.restarts + 1, lastEnd };
      log(exitCode === 0 ? 'info' : 'error', 'recorder.ended', { exitCode, error });
      port1.close();
      running = null;
      if (!isClosing) options.onLost();
    });
    return { port: port1, thread: watched, ended };
  };

  return {
    send(message, port) {
      if (isClosing) return;
      running ??= start();
      running.port.postMessage(message, port === undefined ? [] : [port]);
    },
    child() {
      if (running === null)
        return record === emptyRecord ? null : describeChild({ ...identity, id: '', state: 'ended' }, null, record);
      const { id, vitals } = running.thread;
      return describeChild({ ...identity, id, state: guardian.stateOf(id) }, vitals, record);
    },
    async close() {
      const current = running;
      if (current !== null) current.port.postMessage({ kind: 'close' } satisfies ToRecorder);
      isClosing = true;
      current?.thread.stopping();
      await current?.ended;
    },
  };
}
