import type { MediaInfo } from '../../src/core/codec/media-info.js';

/**
 * How much audio may come before a source without video is taken to have none, in ms of its own time: servers hold
 * the video back until its next keyframe. Where the source's metadata announce video nobody needs to wait for it: an
 * answer has room for it, and it is seen when it comes.
 */
const audioAloneMs = 2500;
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
  let info: MediaInfo = { video: null, audio: null };
  let firstHeardMs: number | null = null;
  let isAudioOnly = false;
  let isVideoPromised = false;
  const waiting = new Set<() => void>();

  const settled = (): boolean => info.video !== null || (info.audio !== null && (isAudioOnly || !expectsVideo));
  const wakeIfSettled = (): void => {
    if (!settled()) return;
    for (const wake of waiting) wake();
  };
  const set = (next: MediaInfo): void => {
    const isOther = JSON.stringify(next) !== JSON.stringify(info);
    info = next;
    wakeIfSettled();
    if (isOther) onChange(next);
  };

  return {
    get info() {
      return info;
    },
    get settled() {
      return settled();
    },
    get isVideoExpected() {
      return isVideoPromised && expectsVideo && info.video === null;
    },
    setVideo: (video) => set({ ...info, video }),
    setAudio: (audio) => set({ ...info, audio }),
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
