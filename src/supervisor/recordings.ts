/** Recordings of pulls: which are running, their files, and when these are deleted. A thread of its own writes the files. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve as absolute } from 'node:path';
import type { FromRecorder, RecorderLoad, RecordingTrouble } from '../../actors/recording/contract.js';
import type { Settings } from '../config/schema.js';
import { unknownElement } from '../core/recording/file-name.js';
import type { RecordingPart } from '../core/recording/part.js';
import { noRotation, parseRotation } from '../core/recording/rotation.js';
import type { Child } from '../core/supervise/child.js';
import { SluiceError } from '../errors.js';
import type { Pool } from '../threads/pool.js';
import { createRecorder, type Recorder, type RecorderOptions } from '../threads/recorder.js';
import { type KeptFeed, keepFeed } from './media-feed.js';
import type { Pull } from './pull.js';
import { createCatalogue, type RecordedSpan } from './recording-catalogue.js';
import type { RecordingOptions, RecordingState } from './recording-state.js';

export interface Recordings {
  /** Ends the recording of this pull that there is, and begins another. Errors: recording.disabled, request.invalid. */
  start(pull: Pull, options: RecordingOptions): void;
  /** Resolves when all is on the disk. False where the pull is not recorded. */
  stop(pullId: string): Promise<boolean>;
  stateOf(pullId: string): RecordingState | null;
  /** Of the part that is being recorded; null: there is none. */
  soFar(pullId: string): RecordedSpan | null;
  readonly parts: readonly RecordingPart[];
  readonly load: RecorderLoad;
  /** Errors: recording.notFound, recording.busy. */
  remove(partId: string): Promise<void>;
  /** The thread that writes; null before the first recording. */
  child(): Child | null;
  close(): Promise<void>;
}

interface RecordingsOptions extends Pick<RecorderOptions, 'entry' | 'guardian' | 'memoryMb' | 'log'> {
  readonly settings: Settings['recordings'];
  readonly pool: Pick<Pool, 'finishRecording'>;
}

/** A recording that runs. */
interface Active {
  readonly recordingId: string;
  readonly pull: Pull;
  readonly options: RecordingOptions;
  readonly template: string;
  feed: KeptFeed | null;
  trouble: RecordingTrouble;
  /** The present port of its fragments is closed. */
  endFeed: () => void;
  readonly stopped: () => void;
  readonly whenStopped: Promise<void>;
}

const mebi = 1_048_576;

export function createRecordings({ settings, entry, guardian, memoryMb, pool, log }: RecordingsOptions): Recordings {
  const folder = absolute(settings.folder);
  const active = new Map<string, Active>();
  const catalogue = createCatalogue({ settings, folder, pool, log, remove: (part) => sendRemove(part) });
  let load: RecorderLoad = { queuedBytes: 0, droppedFragments: 0, freeBytes: null };

  const byId = (recordingId: string): Active | undefined =>
    [...active.values()].find((one) => one.recordingId === recordingId);

  const onTrouble = ({ recordingId, trouble }: FromRecorder & { readonly kind: 'trouble' }): void => {
    const one = byId(recordingId);
    if (one !== undefined) one.trouble = trouble;
    log(trouble === null ? 'info' : 'error', 'recording.trouble', { recordingId, ...trouble });
  };
  const onMessage = (message: FromRecorder): void => {
    if (message.kind === 'found') for (const part of message.parts) catalogue.put(part);
    else if (message.kind === 'part') catalogue.put(message.part);
    else if (message.kind === 'points') catalogue.addPoints(message.partId, message.initBytes, message.points);
    else if (message.kind === 'trouble') onTrouble(message);
    else if (message.kind === 'feedEnded') byId(message.recordingId)?.endFeed();
    else if (message.kind === 'stopped') byId(message.recordingId)?.stopped();
    else if (message.kind === 'removed') catalogue.removed(message.partId);
    else {
      load = message;
      catalogue.sawRoom(message.freeBytes);
    }
  };

  const begin = (one: Active): void => {
    const { recordingId, pull, options, template } = one;
    const { pullId: mediaSessionId, localName: streamName } = pull.spec;
    const rotation = parseRotation(options.rotation ?? settings.rotation) ?? noRotation;
    recorder.send({ kind: 'start', request: { recordingId, streamName, mediaSessionId, template, rotation } });
  };
  /** What it was writing is found by its successor, and finished. */
  const onLost = (): void => {
    for (const one of active.values()) {
      begin(one);
      one.endFeed();
    }
  };
  const recorder: Recorder = createRecorder({
    entry,
    folder,
    maxQueueBytes: settings.maxQueueMb * mebi,
    minFreeBytes: settings.minFreeMb * mebi,
    guardian,
    memoryMb,
    log,
    onMessage,
    onLost,
  });
  const sendRemove = ({ partId, fileName }: RecordingPart): void => recorder.send({ kind: 'remove', partId, fileName });

  const stop = async (one: Active): Promise<void> => {
    active.delete(one.pull.spec.pullId);
    // The answer must find it.
    active.set(one.recordingId, one);
    one.feed?.close();
    recorder.send({ kind: 'stop', recordingId: one.recordingId });
    await one.whenStopped;
    active.delete(one.recordingId);
    log('info', 'recording.ended', { recordingId: one.recordingId, name: one.pull.spec.localName });
  };

  // Only where something was recorded before: the thread costs some 10 MB.
  if (settings.folder !== '' && existsSync(`${folder}/.sluice`)) recorder.send({ kind: 'stop', recordingId: '' });

  return {
    start(pull, options) {
      check(settings, options);
      const { pullId, localName } = pull.spec;
      const before = active.get(pullId);
      if (before !== undefined) void stop(before);
      const one = createActive(pull, options, settings.template);
      active.set(pullId, one);
      begin(one);
      one.feed = keepFeed({
        pull,
        open: ({ actor }) => actor.fragments('recording'),
        attach: (port) =>
          new Promise((resolve) => {
            one.endFeed = resolve;
            recorder.send({ kind: 'feed', recordingId: one.recordingId, port }, port);
          }),
        onOver: () => void stop(one),
      });
      log('info', 'recording.started', { recordingId: one.recordingId, name: localName, pullId });
    },
    async stop(pullId) {
      const one = active.get(pullId);
      if (one !== undefined) await stop(one);
      return one !== undefined;
    },
    stateOf(pullId) {
      const one = active.get(pullId);
      if (one === undefined) return null;
      const parts = catalogue.parts.filter(({ recordingId }) => recordingId === one.recordingId);
      return { recordingId: one.recordingId, template: one.template, trouble: one.trouble, parts };
    },
    soFar(pullId) {
      const one = active.get(pullId);
      return one === undefined ? null : catalogue.soFar(one.recordingId);
    },
    get parts() {
      return catalogue.parts;
    },
    get load() {
      return load;
    },
    remove: catalogue.remove,
    child: () => recorder.child(),
    async close() {
      catalogue.close();
      for (const { feed } of active.values()) feed?.close();
      await recorder.close();
    },
  };
}

function createActive(pull: Pull, options: RecordingOptions, defaultTemplate: string): Active {
  let stopped = (): void => {};
  const whenStopped = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const recordingId = randomUUID();
  const template = options.template ?? defaultTemplate;
  return { recordingId, pull, options, template, feed: null, trouble: null, endFeed: () => {}, stopped, whenStopped };
}

function check(settings: Settings['recordings'], { template = '', rotation = '' }: RecordingOptions): void {
  if (settings.folder === '') throw new SluiceError('recording.disabled');
  const unknown = unknownElement(template);
  if (unknown !== null) throw new SluiceError('request.invalid', `fileTemplate: there is no element {${unknown}}`);
  if (parseRotation(rotation) === null) {
    throw new SluiceError(
      'request.invalid',
      'rotation: it is neither a number of seconds nor one of megabytes, such as 20M',
    );
  }
}
