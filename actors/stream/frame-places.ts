/** Where the frames of a source stand in time: the speed of its clock mended, its stamps put onto the timeline of the stream. */
import type { VideoTag } from '../../src/core/flv/video-tag.js';
import { createSourceClock, type SourceClock } from '../../src/core/timeline/source-clock.js';
import type { SourceTrack } from '../../src/core/timeline/stamp-fit.js';
import { createStampRun } from '../../src/core/timeline/stamp-run.js';
import { StampSpeed } from '../../src/core/timeline/stamp-speed.js';
import { createWallClock, type WallClock } from '../../src/core/timeline/wall-clock.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorSettings } from '../settings.js';
import type { StreamStats } from '../stats.js';
import type { TrackHealth } from './track-health.js';

export interface FramePlacesOptions {
  /** The media timeline (src/core/timeline/stream-timeline.ts). */
  readonly line: Float64Array;
  readonly rtmp: Pick<ActorSettings['rtmp'], 'maxTrackOffsetMs'>;
  readonly health: Pick<TrackHealth, 'paced'>;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** UTC in ms that runs with `nowMs`. */
  readonly wallMs: () => number;
  readonly log: Logger;
}

/** A speed that is learnt by less is no news. */
const toldShare = 0.02;
const toThousandths = (value: number): number => Math.round(value * 1000) / 1000;

export class FramePlaces {
  readonly #options: FramePlacesOptions;
  readonly #clock: SourceClock;
  readonly #wallClock: WallClock = createWallClock();
  readonly #speed = new StampSpeed();
  readonly #audioRun = createStampRun();
  #told = this.#speed.speeds;

  constructor(options: FramePlacesOptions) {
    this.#options = options;
    this.#clock = createSourceClock(options.rtmp.maxTrackOffsetMs, options.line);
  }

  get wallClock(): Pick<WallClock, 'mediaMsAt' | 'lagMs'> {
    return this.#wallClock;
  }

  get startLate(): SourceClock['startLate'] {
    return this.#clock.startLate;
  }

  get stats(): Pick<StreamStats, 'trackOffsetMs' | 'stampSpeeds'> {
    const { audio, video } = this.#speed.speeds;
    return {
      trackOffsetMs: Math.round(this.#clock.movedMs),
      stampSpeeds: { audio: toThousandths(audio), video: toThousandths(video) },
    };
  }

  /** On the media timeline, in ms. `arrivedMs`: monotonic. */
  video(timestampMs: number, arrivedMs: number): number {
    return this.#place('video', timestampMs, arrivedMs);
  }

  /** Null: it begins where the one before ends. `playedMs`: how long it lasts, null where that is not known. */
  audio(timestampMs: number, arrivedMs: number, playedMs: number | null): number | null {
    this.#speed.played(playedMs);
    return this.#audioRun.follows(timestampMs, arrivedMs) ? null : this.#place('audio', timestampMs, arrivedMs);
  }

  /** When it is shown counts by the clock by which it is stamped. */
  inTime(tag: VideoTag): VideoTag {
    const { video: speed } = this.#speed.speeds;
    if (tag.kind !== 'frame' || speed === 1 || tag.compositionTimeMs === 0) return tag;
    return { ...tag, compositionTimeMs: tag.compositionTimeMs / speed };
  }

  newSession(): void {
    this.#clock.newSession(this.#options.nowMs());
    this.#speed.newSession();
    this.#told = this.#speed.speeds;
    this.#audioRun.reset();
  }

  #place(track: SourceTrack, timestampMs: number, arrivedMs: number): number {
    const { log, nowMs, wallMs, health } = this.#options;
    const beforeMs = this.#clock.movedMs;
    const mediaMs = this.#clock.place(track, this.#speed.mend(track, timestampMs, arrivedMs), arrivedMs);
    const movedMs = Math.round(this.#clock.movedMs - beforeMs);
    if (movedMs !== 0) log('warn', 'source.tracksApart', { movedMs });
    health.paced(this.#speed.pace);
    this.#tellSpeeds();
    this.#wallClock.observe(mediaMs, wallMs() - (nowMs() - arrivedMs));
    return mediaMs;
  }

  #tellSpeeds(): void {
    const { speeds } = this.#speed;
    if (speeds === this.#told) return;
    const { audio, video } = this.stats.stampSpeeds;
    if (Math.abs(audio - this.#told.audio) + Math.abs(video - this.#told.video) < toldShare) return;
    this.#told = speeds;
    this.#options.log('warn', 'source.stampSpeed', { audio, video });
  }
}
