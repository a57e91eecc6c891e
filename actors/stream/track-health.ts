/**
 * Which tracks of a source can be used. One that goes on coming and of which nothing can be used, frames or headers, has a reason with
 * a stable code after a moment: viewers are told, and need not wait for it.
 */
import type { MissingTrack } from '../../src/core/codec/media-info.js';
import type { ErrorCode } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';

type Track = MissingTrack['track'];

/** How long nothing of a track may be of use before that is said, in ms. */
const patienceMs = 2000;

export interface TrackHealthOptions {
  /** Video can be shown, or is known to come: it takes its time until the next keyframe. Audio of an earlier session says nothing. */
  readonly isVideoExpected: () => boolean;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly log: Logger;
  /** Those that cannot be used now, whenever that has changed. */
  readonly onMissing: (missing: readonly MissingTrack[]) => void;
  /** Called once a session: the source sends nothing that could ever be played; `codecs`: what it sends, for a person. */
  readonly onUseless: (codecs: string) => void;
}

export interface TrackHealth {
  newSession(): void;
  /** Something of the track could be used. */
  used(track: Track): void;
  /** Something of it could not; the detail is for people. */
  unusable(track: Track, code: ErrorCode, detail: string): void;
  readonly missing: readonly MissingTrack[];
}

interface Health {
  /** Since when nothing could be used; null: the newest could. */
  sinceMs: number | null;
  /** In this session. */
  hasBeenUsed: boolean;
  missing: MissingTrack | null;
}

const fresh = (): Health => ({ sinceMs: null, hasBeenUsed: false, missing: null });

export function createTrackHealth(options: TrackHealthOptions): TrackHealth {
  const { nowMs, log, onMissing } = options;
  let tracks: Record<Track, Health> = { audio: fresh(), video: fresh() };
  let codecs = new Set<string>();
  let hasReported = false;

  const missing = (): readonly MissingTrack[] => [tracks.video, tracks.audio].flatMap((one) => one.missing ?? []);

  /** A codec that is not known stays so; the other track may be worth the source all the same. */
  const judge = (track: Track): void => {
    const other: Track = track === 'audio' ? 'video' : 'audio';
    const isAlone = !tracks[other].hasBeenUsed && !(other === 'video' && options.isVideoExpected());
    const isFinal = missing().every(({ code }) => code === 'source.unsupportedCodec');
    if (!isAlone || !isFinal || hasReported) return;
    hasReported = true;
    options.onUseless([...codecs].join(', '));
  };

  return {
    newSession() {
      const had = missing().length > 0;
      tracks = { audio: fresh(), video: fresh() };
      codecs = new Set();
      hasReported = false;
      if (had) onMissing([]);
    },
    used(track) {
      const health = tracks[track];
      health.sinceMs = null;
      health.hasBeenUsed = true;
      if (health.missing === null) return;
      health.missing = null;
      log('info', 'source.trackUsable', { track });
      onMissing(missing());
    },
    unusable(track, code, detail) {
      const health = tracks[track];
      if (code === 'source.unsupportedCodec') {
        if (!codecs.has(detail)) log('warn', code, { codec: detail });
        codecs.add(detail);
      }
      health.sinceMs ??= nowMs();
      if (nowMs() - health.sinceMs < patienceMs) return;
      if (health.missing?.code !== code) {
        if (health.missing === null) log('warn', 'source.trackUnusable', { track, code, detail });
        health.missing = { track, code, detail };
        onMissing(missing());
      }
      judge(track);
    },
    get missing() {
      return missing();
    },
  };
}
