/**
 * From units to fragments, as long as somebody takes them. The tracks of an MP4 file are said once, at its beginning: where the
 * source changes them, a new init segment comes with the next keyframe, and what does not fit the old one is left out until then.
 */
import { decodesAlike } from '../../src/core/flv/audio-source.js';
import { createAudioTimes } from '../../src/core/fragments/audio-times.js';
import { type FragmentMessage, type InitSegment, videoTimescale } from '../../src/core/fragments/fragment.js';
import { audioTimescale, unitSamples } from '../../src/core/fragments/unit-samples.js';
import type { StreamSpec } from '../contract.js';
import type { FragmentMuxer, MuxedTracks, Sample } from '../media/fragment-muxer.js';
import { HeldSample } from './held-sample.js';
import type { AudioUnit, Unit, UnitFormat, VideoUnit } from './units.js';

export interface MuxingOptions {
  /** The tracks that may come. */
  readonly spec: Pick<StreamSpec, 'hasAudio' | 'hasVideo'>;
  /** The source sends no video, as far as is known by now. */
  readonly isAudioAlone: () => boolean;
  /** The source has audio, as far as is known by now. */
  readonly hasAudio: () => boolean;
  /** Throws where FFmpeg refuses the tracks. */
  readonly open: (tracks: MuxedTracks) => FragmentMuxer;
  readonly emit: (message: FragmentMessage) => void;
}

/** How long the first keyframe waits for audio, by its own time, and where the source has some, by that of the pictures that come
 * live: those since the newest keyframe are there at once, and the audio beside them was not kept. */
const audioWaitMs = 700;
/** Frames of it, some seconds. */
const maxWaitingAudio = 200;
/** Of a last sample: a frame of 30 a second. */
const lastVideoTicks = videoTimescale / 30;

interface Open {
  readonly muxer: FragmentMuxer;
  readonly video: UnitFormat | null;
  readonly audio: AudioUnit['config'] | null;
  readonly held: HeldSample;
  /** Of the last frame of audio. */
  audioDts: number;
  readonly times: ReturnType<typeof createAudioTimes>;
}

export class Muxing {
  readonly #options: MuxingOptions;
  #open: Open | null = null;
  /** Before the tracks are known. */
  #waiting: Unit[] = [];
  /** Where in it what comes live begins: nothing does before `caughtUp`. */
  #liveFrom = Number.POSITIVE_INFINITY;
  #video: UnitFormat | null = null;
  #audio: AudioUnit['config'] | null = null;

  constructor(options: MuxingOptions) {
    this.#options = options;
  }

  /** Throws what the muxer throws; `close` then, and begin again. */
  push(unit: Unit): void {
    if (unit.track === 'video') this.#video = unit.format;
    else this.#audio = unit.config;
    if (this.#open === null) this.#gather(unit);
    else {
      if (this.#mustReopen(unit, this.#open)) this.#reopen(unit);
      this.#write(unit);
    }
  }

  /** What was kept has been pushed: what follows comes live. */
  caughtUp(): void {
    this.#liveFrom = this.#waiting.length;
  }

  /** The picture that waits for the next one goes out as it is. */
  flush(): void {
    if (this.#open === null) return;
    this.#emit(this.#open, this.#open.held.take());
  }

  close(): void {
    this.#open?.muxer.close();
    this.#open = null;
    this.#waiting = [];
    this.#liveFrom = 0;
  }

  #gather(unit: Unit): void {
    const isFirst = this.#waiting.every(({ track }) => track === 'audio');
    if (unit.track === 'video' && isFirst && !unit.isKeyframe) return;
    this.#waiting.push(unit);
    // Audio from before the first keyframe, which may not come for long.
    if (isFirst && this.#waiting.length > maxWaitingAudio) {
      this.#waiting.shift();
      this.#liveFrom = Math.max(0, this.#liveFrom - 1);
    }
    if (!this.#isKnown()) return;
    const waiting = this.#waiting.splice(0);
    const first = waiting.find(({ track }) => track === 'video') ?? unit;
    this.#reopen(first);
    for (const one of waiting) this.#write(one);
  }

  #isKnown(): boolean {
    const { spec, isAudioAlone, hasAudio } = this.#options;
    if (this.#video === null) return this.#audio !== null && (!spec.hasVideo || isAudioAlone());
    const isVideo = ({ track }: Unit): boolean => track === 'video';
    if (!this.#waiting.some(isVideo)) return false;
    if (this.#audio !== null || !spec.hasAudio) return true;
    const since = this.#waiting.slice(hasAudio() ? this.#liveFrom : 0).filter(isVideo);
    return since.length > 0 && timeOf(since.at(-1)) - timeOf(since[0]) >= audioWaitMs;
  }

  /** With the next keyframe; where there is no video yet, at once. */
  #mustReopen(unit: Unit, { video, audio }: Open): boolean {
    const isOther = this.#video !== video || !isSameAudio(this.#audio, audio);
    return isOther && (unit.track === 'video' ? unit.isKeyframe : this.#video === null);
  }

  #reopen(first: Unit): void {
    this.flush();
    this.#open?.muxer.close();
    this.#open = null;
    const [format, audio] = [this.#video, this.#audio];
    const video = format === null ? null : { ...sizeOf(format), config: format.config, keyframe: first.data };
    const muxer = this.#options.open({ video, audio });
    const held = new HeldSample(lastVideoTicks);
    this.#open = { muxer, video: format, audio, held, audioDts: Number.NEGATIVE_INFINITY, times: createAudioTimes() };
    this.#options.emit(initOf(this.#open));
  }

  #write(unit: Unit): void {
    const open = this.#open;
    if (open === null) return;
    if (unit.track === 'video') {
      const sample = videoSample(unit, open);
      if (sample !== null) this.#emit(open, open.held.push(sample));
      return;
    }
    // How long it lasts is known: it waits for nothing.
    const sample = audioSample(unit, open);
    if (sample === null || sample.dts <= open.audioDts) return;
    open.audioDts = sample.dts;
    this.#emit(open, sample);
  }

  #emit({ muxer, audio }: Open, sample: Sample | null): void {
    if (sample === null) return;
    const { track, isKeyframe, dts, duration } = sample;
    const perMs = (track === 'video' || audio === null ? videoTimescale : audioTimescale(audio)) / 1000;
    this.#options.emit({
      kind: 'fragment',
      track,
      data: muxer.write(sample),
      isKeyframe: track === 'video' && isKeyframe,
      startMs: dts / perMs,
      durationMs: duration / perMs,
    });
  }
}

const timeOf = (unit: Unit | undefined): number => (unit?.track === 'video' ? unit.dtsMs : (unit?.mediaMs ?? 0));

function isSameAudio(one: AudioUnit['config'] | null, other: AudioUnit['config'] | null): boolean {
  return one === other || (one !== null && other !== null && decodesAlike(one, other));
}

function sizeOf({ info }: UnitFormat) {
  const { width, height } = info;
  return { width, height, isDeep: info.codec === 'VP9' && info.profile >= 2 };
}

function initOf({ muxer, video, audio }: Open): InitSegment {
  return {
    kind: 'init',
    data: muxer.init,
    codecs: muxer.codecs,
    timescales: {
      ...(video === null ? {} : { video: videoTimescale }),
      ...(audio === null ? {} : { audio: audioTimescale(audio) }),
    },
    videoCodec: video?.info.codec ?? null,
    audioCodec: audio?.codec ?? null,
    width: video?.info.width ?? 0,
    height: video?.info.height ?? 0,
  };
}

function videoSample(unit: VideoUnit, { video }: Open): Omit<Sample, 'duration'> | null {
  const { format, data, isKeyframe, dtsMs, ptsMs } = unit;
  if (format !== video) return null;
  const dts = Math.round(dtsMs * (videoTimescale / 1000));
  const pts = Math.max(dts, Math.round(ptsMs * (videoTimescale / 1000)));
  return { track: 'video', data, isKeyframe, dts, pts };
}

function audioSample({ config, data, mediaMs }: AudioUnit, { audio, times }: Open): Sample | null {
  const samples = unitSamples(config, data);
  if (audio === null || !isSameAudio(config, audio) || data.length === 0 || samples === null) return null;
  const perMs = audioTimescale(audio) / 1000;
  const atMs = times.place(mediaMs, samples / perMs);
  if (atMs === null) return null;
  const dts = Math.round(atMs * perMs);
  return { track: 'audio', data, isKeyframe: true, dts, pts: dts, duration: samples };
}
