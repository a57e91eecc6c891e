/** What a rendition costs: CPU time of decoding and encoding again, on one thread, as the rendition's thread does it. */
import { inNative, loadNativeAv, type NativeAv } from '../../../actors/media/native.js';
import type { RenditionWish } from '../../../actors/media/rendition-output.js';
import { createVideoDecoder } from '../../../actors/media/video-decoder.js';
import { createVideoTranscoder } from '../../../actors/media/video-transcoder.js';
import { type MadeVideo, makeVideo, noGuard, type VideoMaking } from '../../support/media/coded-video.js';
import { rawFrames } from '../../support/media/raw-frames.js';
import { quantile } from '../report.js';

export interface FrameCost {
  readonly size: string;
  readonly from: string;
  /** Decoded alone, where there is nothing. */
  readonly to: string;
  readonly preset: string;
  /** CPU time of a frame in ms: of all threads of the process, its mean. */
  readonly cpuMs: number;
  /** How long one frame holds up the next. */
  readonly wallP50Ms: number;
  readonly wallP99Ms: number;
  /** How much later than its own access unit a frame is there, where units come in real time. */
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  /** Frames of 30 a second that one core keeps up with. */
  readonly realTimePerCore: number;
}

const fps = 30;
const frameCount = 60;
const rounds = 3;
const presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const;
const sizes = [
  { size: '720p30', width: 1280, height: 720, bitrateKbps: 2500 },
  { size: '1080p30', width: 1920, height: 1080, bitrateKbps: 4500 },
] as const;

/** The first is encoded again at each preset, and as VP8. */
const sources: readonly (readonly [name: string, VideoMaking])[] = [
  ['H264 with B-frames', { codec: 'H264', bFrames: 3, options: { preset: 'veryfast' } }],
  ['HEVC', { codec: 'HEVC' }],
  ['AV1', { codec: 'AV1' }],
  ['VP9', { codec: 'VP9' }],
];

/** Gives the presentation times of the frames that came out. */
type Push = (frame: MadeVideo['frames'][number]) => readonly number[];

export async function measureFrames(): Promise<readonly FrameCost[]> {
  const av = await loadNativeAv(noGuard);
  const costs: FrameCost[] = [];
  for (const { size, ...shape } of sizes) {
    const raw = rawFrames(shape.width, shape.height, frameCount);
    for (const [n, [from, making]] of sources.entries()) {
      const video = await makeVideo({ ...making, ...shape, fps, frames: frameCount, gop: frameCount, raw });
      const decoder = openDecoder(av, video);
      costs.push({ size, from, to: '', preset: '', ...measure(video, decoder.push) });
      decoder.close();
      for (const { codec, preset } of n === 0 ? everyOutput : [everyOutput[0]]) {
        const wish = {
          codec,
          preset,
          width: null,
          height: null,
          bitrateKbps: shape.bitrateKbps,
          fps,
          threads: 1,
          maxNalBytes: null,
          maxPixels: 9_437_184,
        };
        const transcoder = createVideoTranscoder(av, noGuard, configOf(video), wish);
        const cost = measure(video, (frame) => transcoder.push(frame).map(({ pts90k }) => pts90k));
        costs.push({ size, from, to: codec, preset: codec === 'VP8' ? '' : preset, ...cost });
        transcoder.close();
      }
    }
  }
  return costs;
}

const everyOutput: readonly [Output, ...Output[]] = [
  { codec: 'H264', preset: 'ultrafast' },
  ...presets.slice(1).map((preset): Output => ({ codec: 'H264', preset })),
  { codec: 'VP8', preset: 'ultrafast' },
];
type Output = Pick<RenditionWish, 'codec' | 'preset'>;

const configOf = ({ config }: MadeVideo) => ({ codec: config.codec, extraData: config.data });

function openDecoder(av: NativeAv, video: MadeVideo): { readonly push: Push; close(): void } {
  const decoder = inNative(noGuard, () => createVideoDecoder(av, configOf(video), 1, 9_437_184));
  return {
    push(frame) {
      const shown: number[] = [];
      inNative(noGuard, () => decoder.decode(frame, ({ pts }) => shown.push(Number(pts))));
      return shown;
    },
    close: () => inNative(noGuard, () => decoder.close()),
  };
}

/** Plays the frames several times over, one after the other in time; the first time warms up. */
function measure({ frames }: MadeVideo, push: Push): Omit<FrameCost, 'size' | 'from' | 'to' | 'preset'> {
  const wallMs: number[] = [];
  const delaysMs: number[] = [];
  /** When each frame's access unit came. */
  const cameMs = new Map<number, number>();
  let units = 0;
  let freeAtMs = 0;
  let shown = 0;
  const play = (round: number): void => {
    for (const { pts90k, ...frame } of frames) {
      const atMs = (units * 1000) / fps;
      const own90k = pts90k + (round * frameCount * 90_000) / fps;
      cameMs.set(own90k, atMs);
      units += 1;
      const startNs = process.hrtime.bigint();
      const out = push({ ...frame, pts90k: own90k });
      const tookMs = Number(process.hrtime.bigint() - startNs) / 1e6;
      shown += out.length;
      wallMs.push(tookMs);
      freeAtMs = Math.max(freeAtMs, atMs) + tookMs;
      for (const pts of out) delaysMs.push(freeAtMs - (cameMs.get(pts) ?? Number.NaN));
    }
  };
  play(0);
  wallMs.length = 0;
  delaysMs.length = 0;
  freeAtMs = 0;
  shown = 0;
  const before = process.cpuUsage();
  for (let round = 1; round <= rounds; round += 1) play(round);
  const { user, system } = process.cpuUsage(before);
  if (shown < rounds * frameCount - 5) throw new Error(`only ${shown} of ${rounds * frameCount} frames came out`);
  const cpuMs = (user + system) / 1000 / shown;
  wallMs.sort((a, b) => a - b);
  delaysMs.sort((a, b) => a - b);
  return {
    cpuMs,
    wallP50Ms: quantile(wallMs, 0.5),
    wallP99Ms: quantile(wallMs, 0.99),
    delayP50Ms: quantile(delaysMs, 0.5),
    delayP99Ms: quantile(delaysMs, 0.99),
    realTimePerCore: 1000 / fps / cpuMs,
  };
}
