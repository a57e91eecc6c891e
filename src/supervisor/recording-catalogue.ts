/** The files of recordings: each that is recorded is finished, and what is too old or too much goes. */
import type { Settings } from '../config/schema.js';
import type { RecordedSoFar } from '../core/hls/event-playlist.js';
import type { KeyframePoint, RecordingPart } from '../core/recording/part.js';
import { outdatedParts } from '../core/recording/retention.js';
import { readThrown, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Pool } from '../threads/pool.js';
import { createRecordHook } from './record-hook.js';

/** Of a part that is being recorded. */
export interface RecordedSpan extends RecordedSoFar {
  readonly partId: string;
}

const retentionEveryMs = 60_000;
const roomAhead = 1.25;
const mebi = 1_048_576;
const hourMs = 3_600_000;

export interface Catalogue {
  readonly parts: readonly RecordingPart[];
  /** Errors: recording.notFound, recording.busy. */
  remove(partId: string): Promise<void>;
  /**
   * This much is free on the disk. If that is too little the oldest files are deleted, where that is allowed; if it is enough again,
   * parts that could not be finished are.
   */
  sawRoom(freeBytes: number | null): void;
  put(part: RecordingPart): void;
  addPoints(partId: string, initBytes: number, points: readonly KeyframePoint[]): void;
  soFar(recordingId: string): RecordedSpan | null;
  removed(partId: string): void;
  close(): void;
}

interface CatalogueOptions {
  readonly settings: Settings['recordings'];
  readonly pool: Pick<Pool, 'finishRecording'>;
  readonly log: Logger;
  readonly folder: string;
  readonly remove: (part: RecordingPart) => void;
}

export function createCatalogue({ settings, folder, pool, log, remove }: CatalogueOptions): Catalogue {
  const parts = new Map<string, RecordingPart>();
  /** Of parts that are being recorded. */
  const timelines = new Map<string, { readonly initBytes: number; readonly points: KeyframePoint[] }>();
  const finishing = new Set<string>();
  const waiting = new Map<string, () => void>();
  const hook = createRecordHook({ settings, folder, log });
  const limits = { maxTotalBytes: settings.maxTotalMb * mebi, maxAgeMs: settings.maxAgeHours * hourMs };
  let isClosed = false;

  const retain = (lackingBytes: number): void => {
    for (const part of outdatedParts([...parts.values()], { ...limits, lackingBytes }, Date.now())) {
      log('info', 'recording.outdated', { partId: part.partId, fileName: part.fileName });
      remove(part);
    }
  };

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
      retain(0);
    } catch (error) {
      log('error', 'recording.unfinished', { partId, recordingId, error: readThrown(error).message });
    } finally {
      finishing.delete(partId);
    }
  };

  /** What could not be finished may be by now. */
  const finishLeft = (): void => {
    for (const part of parts.values()) if (part.state === 'recorded') void finish(part);
  };
  const lookAgain = (): void => {
    retain(0);
    finishLeft();
  };
  const timer = setInterval(lookAgain, retentionEveryMs).unref();
  let wasShort = false;

  return {
    sawRoom(freeBytes) {
      if (freeBytes === null) return;
      const minFreeBytes = settings.minFreeMb * mebi;
      // Recordings end where less is free: it must not come so far.
      const lackingBytes = minFreeBytes * roomAhead - freeBytes;
      if (settings.makeRoom && lackingBytes > 0) retain(lackingBytes);
      if (wasShort && freeBytes >= minFreeBytes) finishLeft();
      wasShort = freeBytes < minFreeBytes;
    },
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
