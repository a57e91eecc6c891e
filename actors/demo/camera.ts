/** The demo's camera and microphone: encodes what is due, in real time, and hands out RTMP message bodies. */
import type { NativeAv, NativeGuard } from '../media/native.js';
import { createAudioEncoder } from './audio-encoder.js';
import { audioFrameSamples, nextDueMs, startSchedule, takeDue } from './schedule.js';
import { createTestPattern } from './test-pattern.js';
import { audioRateHz, fillTone } from './tone.js';
import { createVideoEncoder } from './video-encoder.js';

/** FLV tag bodies (Adobe FLV 10.1, E.4.2 and E.4.3): AVC key and inter frames, AAC in its one fixed header byte. */
const keyframe = 0x17;
const interPicture = 0x27;
const aacAudio = 0xaf;
const avcCodec = 7;
const aacCodec = 10;
const configuration = 0;
const coded = 1;
const audioHead = Uint8Array.of(aacAudio, coded);
const samplesPerMs = audioRateHz / 1000;

export interface CameraFrame {
  readonly track: 'audio' | 'video';
  /** True for a frame that a player can begin with. */
  readonly isKeyframe: boolean;
  /** Milliseconds since the camera was started. */
  readonly timestampMs: number;
  readonly body: Uint8Array;
}

export interface CameraConfiguration {
  readonly video: Uint8Array;
  readonly audio: Uint8Array;
  /** The object of `onMetaData` (Adobe FLV 10.1, E.5): ffmpeg then knows the tracks without looking for them. */
  readonly metadata: Readonly<Record<string, number | boolean>>;
}

export interface Camera {
  /** What a player needs before the first frame. */
  readonly configuration: CameraConfiguration;
  stop(): void;
}

export interface CameraOptions {
  readonly av: NativeAv;
  readonly guard: NativeGuard;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** UTC in ms, steady. */
  readonly wallMs: () => number;
  readonly onFrame: (frame: CameraFrame) => void;
}

export function startCamera(options: CameraOptions): Camera {
  const { av, guard, fps, wallMs, onFrame } = options;
  const videoEncoder = createVideoEncoder(av, guard, options);
  const audioEncoder = createAudioEncoder(av, guard);
  const pattern = createTestPattern(options.width, options.height);
  const pcm = new Float32Array(audioFrameSamples);
  const startMs = Math.ceil(wallMs());
  let schedule = startSchedule(startMs, fps);
  let timer: NodeJS.Timeout | null = null;

  const show = (atMs: number): void => {
    const encoded = videoEncoder.encode(pattern.draw(atMs));
    if (encoded === null) return;
    const head = [encoded.isKeyframe ? keyframe : interPicture, coded, 0, 0, 0];
    const body = Buffer.concat([Uint8Array.from(head), encoded.data]);
    onFrame({ track: 'video', isKeyframe: encoded.isKeyframe, timestampMs: Math.max(0, atMs - startMs), body });
  };

  const audio = (firstSample: number): void => {
    fillTone(pcm, firstSample);
    const encoded = audioEncoder.encode(pcm, firstSample);
    if (encoded === null) return;
    const timestampMs = Math.round(encoded.firstSample / samplesPerMs - startMs);
    // What an encoder's first frame decodes to lies before the first sample.
    if (timestampMs < 0) return;
    onFrame({ track: 'audio', isKeyframe: false, timestampMs, body: Buffer.concat([audioHead, encoded.data]) });
  };

  const tick = (): void => {
    const due = takeDue(schedule, wallMs(), fps);
    schedule = due.schedule;
    for (const atMs of due.framesMs) show(atMs);
    for (const firstSample of due.samples) audio(firstSample);
    timer = setTimeout(tick, Math.max(1, nextDueMs(schedule, fps) - wallMs()));
  };
  tick();

  return {
    configuration: {
      video: Buffer.concat([Uint8Array.of(keyframe, configuration, 0, 0, 0), videoEncoder.configuration]),
      audio: Buffer.concat([Uint8Array.of(aacAudio, configuration), audioEncoder.configuration]),
      metadata: {
        width: options.width,
        height: options.height,
        framerate: fps,
        videocodecid: avcCodec,
        audiocodecid: aacCodec,
        audiosamplerate: audioRateHz,
        audiosamplesize: 16,
        stereo: false,
      },
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      videoEncoder.close();
      audioEncoder.close();
    },
  };
}
