/** Which encoding of a stream's video a viewer gets: the source's own, or a rendition that it shares with others. */
import type { VideoCodec } from './video-codecs.js';

export type { VideoCodec } from './video-codecs.js';

/** What a viewer asks for; null: no wish. Pixels, kbit/s, and percent of the source's bitrate. */
export interface VideoWish {
  readonly width: number | null;
  readonly height: number | null;
  readonly bitrateKbps: number | null;
  readonly quality: number | null;
}

const noWish: VideoWish = { width: null, height: null, bitrateKbps: null, quality: null };

export interface VideoSize {
  /** Pixels, as the height. */
  readonly width: number;
  readonly height: number;
}

export type VideoEncoding =
  | { readonly kind: 'source' }
  | ({
      readonly kind: 'rendition';
      readonly codec: 'H264' | 'VP8';
      /** Of H264: each NAL unit fits a packet (RFC 6184 6.2, packetization-mode 0). */
      readonly isSingleNal: boolean;
      /** It is for viewers that cannot follow the rendition that they would be sent. */
      readonly isLowerStep?: boolean;
    } & VideoWish);

export interface VideoChoice {
  /** False: browsers cannot play the source as it is, whatever they offer (B-frames). */
  readonly isPlayable: boolean;
  /** The viewer's offer takes the source's own encoding. */
  readonly takesSource: boolean;
  /** What the viewer's offer takes. */
  readonly offered: ReadonlySet<VideoCodec>;
  /** Of H264 it takes packetization-mode 0 alone. */
  readonly isSingleNal: boolean;
  readonly wish: VideoWish | null;
}

/** The same for viewers that share an encoding. */
export function encodingKey(encoding: VideoEncoding): string {
  if (encoding.kind === 'source') return 'source';
  const { codec, isSingleNal, width, height, bitrateKbps, quality } = encoding;
  const kind = isSingleNal ? `${codec} mode 0` : codec;
  const step = encoding.isLowerStep === true ? ' lower' : '';
  return `${kind} ${width ?? '*'}x${height ?? '*'} ${bitrateKbps ?? '*'} ${quality ?? '*'}${step}`;
}

/** Null: the viewer takes nothing that can be made of the source. */
export function chooseEncoding({
  isPlayable,
  takesSource,
  offered,
  isSingleNal,
  wish,
}: VideoChoice): VideoEncoding | null {
  const hasWish = wish !== null && Object.values(wish).some((value) => value !== null);
  if (!hasWish && isPlayable && takesSource) return { kind: 'source' };
  const codec = (['H264', 'VP8'] as const).find((made) => offered.has(made));
  if (codec === undefined) return null;
  return { kind: 'rendition', codec, isSingleNal: isSingleNal && codec === 'H264', ...(wish ?? noWish) };
}

const even = (pixels: number): number => Math.max(2, 2 * Math.round(pixels / 2));

/** Every browser decodes it, and a core encodes it. */
const mostEdge = 4096;

/** The size of a rendition: of one wished side the other follows by the source's ratio. Encoders take even sizes alone. */
export function wishedSize(wish: Pick<VideoWish, 'width' | 'height'>, source: VideoSize): VideoSize {
  const width = wish.width ?? (wish.height === null ? source.width : (wish.height * source.width) / source.height);
  const height = wish.height ?? (width * source.height) / source.width;
  const shrunk = Math.min(1, mostEdge / Math.max(width, height));
  return { width: even(width * shrunk), height: even(height * shrunk) };
}
