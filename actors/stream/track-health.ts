/**
 * Which tracks of a source can be used. One that goes on coming and of which nothing can be used, frames or headers, and one that is
 * announced and does not come, has a reason with a stable code after a moment: viewers are told, and need not wait for it.
 */
import type { MissingTrack } from '../../src/core/codec/media-info.js';
import { passingReasons } from '../../src/core/diagnosis/reasons.js';
import type { ErrorCode } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import { createTrackPace, type TrackPace } from './track-pace.js';

type Track = MissingTrack['track'];

/** How long nothing of a track may be of use before that is said, in ms. */
const patienceMs = 2000;
/** Of a longer pause of the source itself no more counts as silence of one of its tracks. */
const mostPauseMs = 500;

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
  /** The source says that there is such a track: by its header, its metadata, or anything else of it. */
  announced(track: Track): void;
  /** A frame of it came, of whatever use it is. */
  came(track: Track): void;
  /** Something of the track could be used. */
  used(track: Track): void;
  /** Something of it could not; the detail is for people. `isCertain`: nothing that comes next would change it. */
  unusable(track: Track, code: ErrorCode, detail: string, isCertain?: boolean): void;
  /** `used` and `unusable` of this track. */
  reporterOf(track: Track): {
    readonly onUsed: () => void;
    readonly onUnusable: (code: ErrorCode, detail: string, isCertain?: boolean) => void;
  };
  /** So many seconds of media come in a second, steadily; null: one, as far as is known. */
  paced(pace: number | null): void;
  /** The source goes on, by whatever it sends. */
  goesOn(): void;
  /** To be called now and then: before its first frame a track is missed though the source sends nothing at all. */
  timePasses(): void;
  readonly missing: readonly MissingTrack[];
}

interface Health {
  /** Since when nothing could be used; null: the newest could. */
  sinceMs: number | null;
  /** In this session. */
  hasBeenUsed: boolean;
  missing: MissingTrack | null;
  readonly pace: TrackPace;
}

const fresh = (): Health => ({ sinceMs: null, hasBeenUsed: false, missing: null, pace: createTrackPace() });
const names = ['video', 'audio'] as const;

export function createTrackHealth(options: TrackHealthOptions): TrackHealth {
  const { nowMs, log, onMissing } = options;
  let tracks: Record<Track, Health> = { audio: fresh(), video: fresh() };
  let codecs = new Set<string>();
  let hasReported = false;
  let wentOnMs: number | null = null;
  let lookedMs: number | null = null;
  let pace: number | null = null;
  let paceReason: Omit<MissingTrack, 'track'> | null = null;

  /** What comes at another pace than time is there, and not whole. */
  const missing = (): readonly MissingTrack[] =>
    names.flatMap((track) => {
      const { missing: own, hasBeenUsed } = tracks[track];
      return own ?? (paceReason !== null && hasBeenUsed ? { track, ...paceReason } : []);
    });

  /** A codec that is not known stays so; the other track, if it comes, may be worth the source all the same. */
  const judge = (track: Track): void => {
    const other: Track = track === 'audio' ? 'video' : 'audio';
    const isAlone = !tracks[other].hasBeenUsed && !(other === 'video' && options.isVideoExpected());
    const isFinal = missing().every(({ code }) => code === 'source.unsupportedCodec' || code === 'source.trackSilent');
    if (!isAlone || !isFinal || hasReported) return;
    hasReported = true;
    options.onUseless([...codecs].join(', '));
  };

  /** The first reason stays until something can be used, unless it was one that passes. */
  const miss = (track: Track, code: ErrorCode, detail: string): void => {
    const health = tracks[track];
    const before = health.missing?.code ?? null;
    if (before === code || (before !== null && !passingReasons.has(before))) return;
    log('warn', 'source.trackUnusable', { track, code, detail });
    health.missing = { track, code, detail };
    onMissing(missing());
  };

  const recover = (track: Track): void => {
    if (tracks[track].missing === null) return;
    tracks[track].missing = null;
    log('info', 'source.trackUsable', { track });
    onMissing(missing());
  };

  const came = (track: Track): void => {
    tracks[track].pace.came(nowMs());
    if (tracks[track].missing?.code === 'source.trackSilent') recover(track);
  };

  const used = (track: Track): void => {
    came(track);
    tracks[track].sinceMs = null;
    tracks[track].hasBeenUsed = true;
    recover(track);
  };

  const unusable = (track: Track, code: ErrorCode, detail: string, isCertain = false): void => {
    const health = tracks[track];
    came(track);
    if (code === 'source.unsupportedCodec') {
      if (!codecs.has(detail)) log('warn', code, { codec: detail });
      codecs.add(detail);
    }
    health.sinceMs ??= nowMs();
    if (!isCertain && nowMs() - health.sinceMs < patienceMs) return;
    miss(track, code, detail);
    judge(track);
  };

  /** So long there was no frame of the tracks that have begun, or of those that have not. */
  const passed = (ms: number, haveBegun: boolean): void => {
    for (const track of names) {
      const { pace: frames, missing: known } = tracks[track];
      if (frames.hasBegun === haveBegun) frames.passed(ms);
      if (frames.silentMs === null || known !== null) continue;
      miss(track, 'source.trackSilent', `no frame for ${(frames.silentMs / 1000).toFixed(1)} s`);
    }
  };

  return {
    newSession() {
      const had = missing().length > 0;
      tracks = { audio: fresh(), video: fresh() };
      codecs = new Set();
      hasReported = false;
      pace = null;
      paceReason = null;
      if (had) onMissing([]);
    },
    announced: (track) => tracks[track].pace.announced(),
    came,
    used,
    unusable,
    reporterOf: (track) => ({
      onUsed: () => used(track),
      onUnusable: (code, detail, isCertain) => unusable(track, code, detail, isCertain),
    }),
    paced(next) {
      if (next === pace) return;
      pace = next;
      const before = paceReason?.code ?? null;
      paceReason = reasonOf(next);
      if (paceReason?.code === before) return;
      if (paceReason !== null) log('warn', 'source.offPace', paceReason);
      onMissing(missing());
    },
    goesOn() {
      const now = nowMs();
      passed(Math.min(mostPauseMs, now - (wentOnMs ?? now)), true);
      wentOnMs = now;
    },
    timePasses() {
      passed(nowMs() - (lookedMs ?? nowMs()), false);
      lookedMs = nowMs();
    },
    get missing() {
      return missing();
    },
  };
}

function reasonOf(pace: number | null): Omit<MissingTrack, 'track'> | null {
  if (pace === null) return null;
  return { code: pace < 1 ? 'source.tooSlow' : 'source.tooFast', detail: `${pace.toFixed(2)} s of media in a second` };
}
