/** The recording methods of Streams, by pull. */
import { resolve as absolute, join } from 'node:path';
import type { Settings } from '../config/schema.js';
import type { Child } from '../core/supervise/child.js';
import { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Pool } from '../threads/pool.js';
import type { Threads } from '../threads/threads.js';
import type { IdleTimers } from './idle.js';
import type { Pull } from './pull.js';
import type { PullTable } from './pull-table.js';
import { createRecordings } from './recordings.js';
import type { Streams } from './streams.js';

export interface RecordedOptions {
  readonly settings: Pick<Settings, 'recordings' | 'supervisor'>;
  readonly table: PullTable;
  /** Beside it lies the bundle of the thread that writes. */
  readonly actorUrl: URL;
  readonly threads: Pick<Threads, 'guardian'>;
  readonly pool: Pool;
  readonly idle: Pick<IdleTimers, 'check'>;
  readonly log: Logger;
}

type Methods =
  | 'startRecording'
  | 'stopRecording'
  | 'recordingOf'
  | 'recordedSoFar'
  | 'recordings'
  | 'recordingsLoad'
  | 'recordedFile'
  | 'removeRecording';

export interface Recorded extends Pick<Streams, Methods> {
  /** 1 while the pull is recorded. */
  count(pullId: string): number;
  /** A pull that is to be recorded is, unless it is already. */
  recordPull(pull: Pull): void;
  /** It is taken from elsewhere: of a stream of another node that node records. */
  recordWhereOwned(pull: Pull): Promise<void>;
  /** The thread that writes; null before the first recording. */
  child(): Child | null;
  close(): Promise<void>;
}

/** Whoever ends a recording on a disk that stands still hears of it after so long. */
const stopMs = 5000;

/** Null: it takes longer. */
async function inTime<T>(work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, stopMs, null);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function createRecorded({ settings, table, actorUrl, threads, pool, idle, log }: RecordedOptions): Recorded {
  const { all, folder, timeShift } = settings.recordings;
  const { guardian } = threads;
  const recordings = createRecordings({
    settings: settings.recordings,
    entry: new URL('recorder.cjs', actorUrl),
    guardian,
    memoryMb: settings.supervisor.threadMemoryMb,
    pool,
    log,
  });

  const fileOf: Streams['recordedFile'] = (partId, what) => {
    const part = recordings.parts.find((one) => one.partId === partId);
    if (part === undefined) throw new SluiceError('recording.notFound');
    const work = join(absolute(folder), '.sluice');
    if (what === 'thumbnail') return { part, path: join(work, `${partId}.jpg`) };
    return {
      part,
      path: part.fileName === null ? join(work, `${partId}.mp4`) : join(absolute(folder), part.fileName),
    };
  };

  const recordPull = (pull: Pull): void => {
    const { pullId, localName, origin } = pull.spec;
    if (origin === 'edge' || !(pull.by.record || all) || recordings.stateOf(pullId) !== null) return;
    if (folder === '') log('warn', 'recording.disabled', { name: localName, pullId });
    else recordings.start(pull, pull.by.recording ?? {});
  };

  return {
    count: (pullId) => (recordings.stateOf(pullId) === null ? 0 : 1),
    recordPull,
    async recordWhereOwned(pull) {
      if (pull.spec.origin === 'edge') await recordings.stop(pull.spec.pullId);
      else recordPull(pull);
    },
    startRecording(pullId, options) {
      const pull = table.get(pullId);
      if (pull === undefined || pull.status.isOver) throw new SluiceError('pull.notFound');
      recordings.start(pull, options);
    },
    async stopRecording(pullId) {
      const isStopped = await inTime(recordings.stop(pullId));
      idle.check(pullId);
      if (isStopped === null)
        throw new SluiceError('recording.slow', 'it has ended; the rest is written when it can be');
      if (!isStopped) throw new SluiceError('recording.notFound');
    },
    recordingOf: recordings.stateOf,
    recordings: () => [...recordings.parts].sort((a, b) => a.startedAtMs - b.startedAtMs),
    recordingsLoad: () => recordings.load,
    recordedSoFar(name) {
      const pull = timeShift ? table.find(name) : undefined;
      const found = pull === undefined ? null : recordings.soFar(pull.spec.pullId);
      return found === null ? null : { ...found, ...fileOf(found.partId, 'media') };
    },
    recordedFile: fileOf,

    removeRecording: (partId) => recordings.remove(partId),
    child: recordings.child,
    close: recordings.close,
  };
}
