/** What a rendition costs: CPU time of decoding and encoding again, on one thread, as the rendition's thread does it. */
import { inNative, loadNativeAv, type NativeAv } from '../../../actors/media/native.js';
import { createVideoDecoder } from '../../../actors/media/video-decoder.js';
import { createVideoTranscoder, type RenditionWish } from '../../../actors/media/video-transcoder.js';
import { type MadeVideo, makeVideo, noGuard, type VideoMaking } from '../../support/coded-video.js';
import { rawPictures } from '../../support/raw-pictures.js';
import { quantile } from '../report.js';

export interface TranscodeCost {
  readonly size: string;
  readonly from: string;
  /** Decoded alone, where there is nothing. */
  readonly to: string;
  readonly preset: string;
  /** CPU time of a picture in ms: of all threads of the process, its mean. */
  readonly cpuMs: number;
  /** How long one picture holds up the next. */
  readonly wallP50Ms: number;
  readonly wallP99Ms: number;
  /** Pictures of 30 a second that one core keeps up with. */
  readonly realTimePerCore: number;
}

const fps = 30;
const frames = 60;
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

type Push = (picture: MadeVideo['pictures'][number]) => number;

export async function measureTranscodes(): Promise<readonly TranscodeCost[]> {
  const av = await loadNativeAv(noGuard);
  const costs: TranscodeCost[] = [];
  for (const { size, ...shape } of sizes) {
    const raw = rawPictures(shape.width, shape.height, frames);
    for (const [n, [from, making]] of sources.entries()) {
      const video = await makeVideo({ ...making, ...shape, fps, frames, gop: frames, raw });
      const decoder = openDecoder(av, video);
      costs.push({ size, from, to: '', preset: '', ...measure(video, decoder.push) });
      decoder.close();
      for (const { codec, preset } of n === 0 ? everyOutput : [everyOutput[0]]) {
        const wish = { codec, preset, width: null, height: null, bitrateKbps: shape.bitrateKbps, fps, threads: 1 };
        const transcoder = createVideoTranscoder(av, noGuard, configOf(video), wish);
        const cost = measure(video, (picture) => transcoder.push(picture).length);
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
  const decoder = inNative(noGuard, () => createVideoDecoder(av, configOf(video), 1));
  return {
    push(picture) {
      let count = 0;
      inNative(noGuard, () =>
        decoder.decode(picture, () => {
          count += 1;
        }),
      );
      return count;
    },
    close: () => inNative(noGuard, () => decoder.close()),
  };
}

/** Plays the pictures several times over, one after the other in time; the first time warms up. */
function measure({ pictures }: MadeVideo, push: Push): Omit<TranscodeCost, 'size' | 'from' | 'to' | 'preset'> {
  const wallMs: number[] = [];
  let shown = 0;
  const play = (round: number): void => {
    for (const { pts90k, ...picture } of pictures) {
      const startNs = process.hrtime.bigint();
      shown += push({ ...picture, pts90k: pts90k + (round * frames * 90_000) / fps });
      wallMs.push(Number(process.hrtime.bigint() - startNs) / 1e6);
    }
  };
  play(0);
  wallMs.length = 0;
  shown = 0;
  const before = process.cpuUsage();
  for (let round = 1; round <= rounds; round += 1) play(round);
  const { user, system } = process.cpuUsage(before);
  if (shown < rounds * frames - 5) throw new Error(`only ${shown} of ${rounds * frames} pictures came out`);
  const cpuMs = (user + system) / 1000 / shown;
  wallMs.sort((a, b) => a - b);
  return {
    cpuMs,
    wallP50Ms: quantile(wallMs, 0.5),
    wallP99Ms: quantile(wallMs, 0.99),
    realTimePerCore: 1000 / fps / cpuMs,
  };
}
