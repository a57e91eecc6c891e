/** Recordings of pulls: which run, what they have left, and when that goes. The files are written by a thread of their own. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve as absolute } from 'node:path';
import type { FromRecorder, RecordingTrouble } from '../../actors/recording/contract.js';
import type { Settings } from '../config/schema.js';
import type { RecordedSoFar } from '../core/hls/event-playlist.js';
import { unknownElement } from '../core/recording/file-name.js';
import type { KeyframePoint, RecordingPart } from '../core/recording/part.js';
import { outdatedParts } from '../core/recording/retention.js';
import { noRotation, parseRotation } from '../core/recording/rotation.js';
import type { Child } from '../core/supervise/child.js';
import { readThrown, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Pool } from '../threads/pool.js';
import { createRecorder, type Recorder, type RecorderOptions } from '../threads/recorder.js';
import { type KeptFeed, keepFeed } from './fragment-feed.js';
import type { Pull } from './pull.js';
import { createRecordHook } from './record-hook.js';
import type { RecordingOptions, RecordingState, RecordingsLoad } from './streams.js';

interface SoFar extends RecordedSoFar {
  readonly partId: string;
}

export interface Recordings {
  /** Ends the recording of this pull that there is, and begins another. Errors: recording.disabled, request.invalid. */
  start(pull: Pull, options: RecordingOptions): void;
  /** Resolves when all is on the disk. False where the pull is not recorded. */
  stop(pullId: string): Promise<boolean>;
  stateOf(pullId: string): RecordingState | null;
  /** Of the part that is being recorded; null: there is none. */
  soFar(pullId: string): SoFar | null;
  readonly parts: readonly RecordingPart[];
  readonly load: RecordingsLoad;
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
  feed: KeptFeed | null;
  trouble: RecordingTrouble;
  /** The present port of its fragments is closed. */
  endFeed: () => void;
  readonly stopped: () => void;
  readonly whenStopped: Promise<void>;
}

const retentionEveryMs = 60_000;
const mebi = 1_048_576;
const hourMs = 3_600_000;

export function createRecordings({ settings, entry, guardian, memoryMb, pool, log }: RecordingsOptions): Recordings {
  const folder = absolute(settings.folder);
  const active = new Map<string, Active>();
  const catalogue = createCatalogue({ settings, folder, pool, log, remove: (part) => sendRemove(part) });
  let load: RecordingsLoad = { queuedBytes: 0, droppedFragments: 0 };

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
    else load = { queuedBytes: message.queuedBytes, droppedFragments: message.droppedFragments };
  };

  const begin = (one: Active): void => {
    const { recordingId, pull, options } = one;
    const { pullId: mediaSessionId, localName: streamName } = pull.spec;
    const template = options.template ?? settings.template;
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
  const { maxQueueMb, minFreeMb } = settings;
  const recorder: Recorder = createRecorder({
    entry,
    folder,
    maxQueueBytes: maxQueueMb * mebi,
    minFreeBytes: minFreeMb * mebi,
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
      const one = createActive(pull, options);
      active.set(pullId, one);
      begin(one);
      one.feed = keepFeed({
        pull,
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
      if (one === undefined) return false;
      await stop(one);
      return true;
    },
    stateOf(pullId) {
      const one = active.get(pullId);
      if (one === undefined) return null;
      const parts = catalogue.parts.filter(({ recordingId }) => recordingId === one.recordingId);
      return { recordingId: one.recordingId, trouble: one.trouble, parts };
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

function createActive(pull: Pull, options: RecordingOptions): Active {
  let stopped = (): void => {};
  const whenStopped = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const recordingId = randomUUID();
  return { recordingId, pull, options, feed: null, trouble: null, endFeed: () => {}, stopped, whenStopped };
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

interface Catalogue extends Pick<Recordings, 'parts' | 'remove'> {
  put(part: RecordingPart): void;
  addPoints(partId: string, initBytes: number, points: readonly KeyframePoint[]): void;
  soFar(recordingId: string): SoFar | null;
  removed(partId: string): void;
  close(): void;
}

interface CatalogueOptions extends Pick<RecordingsOptions, 'settings' | 'pool'> {
  readonly log: Logger;
  readonly folder: string;
  readonly remove: (part: RecordingPart) => void;
}

/** The parts that there are; each that is recorded is finished. */
function createCatalogue({ settings, folder, pool, log, remove }: CatalogueOptions): Catalogue {
  const parts = new Map<string, RecordingPart>();
  /** Of parts that are being recorded. */
  const timelines = new Map<string, { readonly initBytes: number; readonly points: KeyframePoint[] }>();
  const finishing = new Set<string>();
  const waiting = new Map<string, () => void>();
  const hook = createRecordHook({ settings, folder, log });
  const limits = { maxTotalBytes: settings.maxTotalMb * mebi, maxAgeMs: settings.maxAgeHours * hourMs };
  let isClosed = false;

  const retain = (): void => {
    for (const part of outdatedParts([...parts.values()], limits, Date.now())) {
      log('info', 'recording.outdated', { partId: part.partId, fileName: part.fileName });
      remove(part);
    }
  };
  const timer = setInterval(retain, retentionEveryMs).unref();

  const finish = async (part: RecordingPart): Promise<void> => {
    const { partId, recordingId } = part;
    if (isClosed || finishing.has(partId)) return;
    finishing.add(partId);
    try {
      const finished = await pool.finishRecording(folder, part);
      parts.set(partId, finished);
      const { fileName, durationMs, sizeBytes } = finished;
      log('info', 'recording.finished', { partId, recordingId, fileName, durationMs, sizeBytes });
      hook(finished);
      retain();
    } catch (error) {
      log('error', 'recording.unfinished', { partId, recordingId, error: readThrown(error).message });
    } finally {
      finishing.delete(partId);
    }
  };

  return {
    get parts() {
      return [...parts.values()];
    },
    put(part) {
      if (finishing.has(part.partId)) return;
      parts.set(part.partId, part);
      if (part.state !== 'recording') timelines.delete(part.partId);
      if (part.state === 'recorded') void finish(part);
    },
    addPoints(partId, initBytes, points) {
      const timeline = timelines.get(partId) ?? { initBytes, points: [] };
      timeline.points.push(...points);
      if (parts.get(partId)?.state === 'recording') timelines.set(partId, timeline);
    },
    soFar(recordingId) {
      const part = [...parts.values()].find((one) => one.recordingId === recordingId && one.state === 'recording');
      const timeline = part === undefined ? undefined : timelines.get(part.partId);
      if (part === undefined || timeline === undefined) return null;
      const { initBytes, points } = timeline;
      return { partId: part.partId, initBytes, points, sizeBytes: part.sizeBytes };
    },
    removed(partId) {
      parts.delete(partId);
      waiting.get(partId)?.();
      waiting.delete(partId);
    },
    remove(partId) {
      const part = parts.get(partId);
      if (part === undefined) throw new SluiceError('recording.notFound');
      if (part.state === 'recording' || finishing.has(partId)) throw new SluiceError('recording.busy');
      return new Promise((resolve) => {
        waiting.set(partId, resolve);
        remove(part);
      });
    },
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}
