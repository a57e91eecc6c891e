import type { MediaInfo, MissingTrack } from '../../src/core/codec/media-info.js';
import { passingReasons } from '../../src/core/diagnosis/reasons.js';

/**
 * How much audio may come before a source without video is taken to have none, in ms of its own time: servers hold
 * the video back until its next keyframe. Where the source's metadata announce video nobody needs to wait for it: an
 * answer has room for it, and it is seen when it comes.
 */
const audioAloneMs = 2300;
const audioAlonePromisedMs = 1000;

/**
 * What is known of a stream's media, and who waits to know. An offer is answered when the codecs are known, so that
 * the answer names what is really sent (ARCHITECTURE.md, The life of a viewer): when the video's configuration came,
 * or when audio alone went on for a while.
 */
export interface MediaKnowledge {
  readonly info: MediaInfo;
  /** True once an offer can be answered. */
  readonly settled: boolean;
  /** The source announces video, which has not come yet. */
  readonly isVideoExpected: boolean;
  /** Null where the track went away. */
  setVideo(video: MediaInfo['video']): void;
  setAudio(audio: MediaInfo['audio']): void;
  /** These tracks come and cannot be used: nobody waits for them. */
  setMissing(missing: readonly MissingTrack[]): void;
  /** The source's metadata announce video. */
  promiseVideo(): void;
  /** Audio was received at this media time; it settles a source that sends no video. */
  heard(mediaMs: number): void;
  /** Resolves true when settled, false after the time given. */
  wait(timeoutMs: number): Promise<boolean>;
}

export interface MediaKnowledgeOptions {
  readonly expectsVideo: boolean;
  readonly onChange: (media: MediaInfo) => void;
}

export function createMediaKnowledge({ expectsVideo, onChange }: MediaKnowledgeOptions): MediaKnowledge {
  /** As the tracks say it. */
  let said: Pick<MediaInfo, 'video' | 'audio'> = { video: null, audio: null };
  let missing: readonly MissingTrack[] = [];
  /** As viewers are shown it. */
  let info: MediaInfo = said;
  let firstHeardMs: number | null = null;
  let isAudioOnly = false;
  let isVideoPromised = false;
  const waiting = new Set<() => void>();

  const isToldMissing = (track: MissingTrack['track']): boolean => missing.some((one) => one.track === track);
  /** For good, as far as is known. */
  const isMissing = (track: MissingTrack['track']): boolean =>
    missing.some((one) => one.track === track && !passingReasons.has(one.code));
  const settled = (): boolean =>
    info.video !== null || (info.audio !== null && (isAudioOnly || !expectsVideo || isToldMissing('video')));
  const wakeIfSettled = (): void => {
    if (!settled()) return;
    for (const wake of waiting) wake();
  };
  const tell = (): void => {
    const before = JSON.stringify(info);
    const video = isMissing('video') ? null : said.video;
    const audio = isMissing('audio') ? null : said.audio;
    info = missing.length === 0 ? { video, audio } : { video, audio, missing };
    wakeIfSettled();
    if (JSON.stringify(info) !== before) onChange(info);
  };

  return {
    get info() {
      return info;
    },
    get settled() {
      return settled();
    },
    get isVideoExpected() {
      return isVideoPromised && expectsVideo && said.video === null && !isMissing('video');
    },
    setVideo(video) {
      said = { ...said, video };
      tell();
    },
    setAudio(audio) {
      said = { ...said, audio };
      tell();
    },
    setMissing(next) {
      missing = next;
      tell();
    },
    promiseVideo() {
      isVideoPromised = true;
    },
    heard(mediaMs) {
      if (isAudioOnly || info.video !== null) return;
      firstHeardMs ??= mediaMs;
      isAudioOnly = mediaMs - firstHeardMs >= (isVideoPromised ? audioAlonePromisedMs : audioAloneMs);
      if (isAudioOnly) wakeIfSettled();
    },
    wait(timeoutMs) {
      if (settled()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const done = (known: boolean) => () => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve(known);
        };
        const wake = done(true);
        const timer = setTimeout(done(false), timeoutMs);
        waiting.add(wake);
      });
    },
  };
}
