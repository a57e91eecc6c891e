/** Which video payload types of an offer we can send under, and how well each fits what is sent. */

import type { CodecProfile } from '../codec/codec-profile.js';
import type { VideoCodec } from '../codec/video-codecs.js';
import { h264Profile } from './h264-profile.js';
import type { OfferedCodec } from './offer.js';

/** What is kept of an offered codec for the time of a session. */
export type KeptCodec = Pick<OfferedCodec, 'payloadType' | 'parameters'>;

export interface VideoType<Offered extends KeptCodec = KeptCodec> {
  readonly codec: VideoCodec;
  readonly offered: Offered;
  /** Under which its packets are sent again (RFC 4588); null: under the same. */
  readonly rtxPayloadType: number | null;
}

/** Every codec, by what is most common of it. */
export const anyVideo: readonly CodecProfile[] = [
  { codec: 'H264', profileLevelId: null },
  { codec: 'HEVC', profileIdc: 1 },
  { codec: 'AV1', profile: 0 },
  { codec: 'VP9', profile: 0 },
  { codec: 'VP8' },
];

const encodingNames = { H264: 'H264', HEVC: 'H265', AV1: 'AV1', VP9: 'VP9', VP8: 'VP8' } as const;

/**
 * All offered types of the codecs that we know, `sent` first and in its order, of one codec the type that fits best first.
 * What cannot be sent now stands behind: the source's codec may change, and B-frames may appear, without a new offer.
 * Empty when the offer takes none of `sent`.
 */
export function chooseVideoTypes(
  codecs: readonly OfferedCodec[],
  sent: readonly CodecProfile[],
): readonly VideoType<OfferedCodec>[] {
  const distinct = sent.filter((one, n) => sent.findIndex(({ codec }) => codec === one.codec) === n);
  const rows = distinct.map((one) => {
    const ofCodec = sent.filter(({ codec }) => codec === one.codec);
    const fitting = ofCodec.find((profile) => videoTypeFor(typesOf(codecs, profile), profile) !== null);
    return { types: typesOf(codecs, fitting ?? one), fits: fitting !== undefined };
  });
  const fitting = rows.filter(({ fits }) => fits);
  if (fitting.length === 0) return [];
  const later = anyVideo.filter(({ codec }) => !distinct.some((one) => one.codec === codec));
  return [
    ...[...fitting, ...rows.filter(({ fits }) => !fits)].flatMap(({ types }) => types),
    ...later.flatMap((one) => typesOf(codecs, one)),
  ];
}

/** Under which of a viewer's types this can be sent; null: under none. */
export function videoTypeFor(types: readonly VideoType[], sent: CodecProfile): VideoType | null {
  const fitting = types
    .filter(({ codec }) => codec === sent.codec)
    .map((type) => ({ type, misfit: misfitOf(type.offered, sent) }))
    .filter(({ misfit }) => misfit !== null)
    .sort((a, b) => (a.misfit ?? 0) - (b.misfit ?? 0));
  return fitting[0]?.type ?? null;
}

/** What an error says that an offer lacks. */
export function describeSent(sent: readonly CodecProfile[]): string {
  return [...new Set(sent.map(({ codec }) => encodingNames[codec]))].join(', ');
}

export const rtpmapOf = (codec: VideoCodec): string => `${encodingNames[codec]}/90000`;

function typesOf(codecs: readonly OfferedCodec[], sent: CodecProfile): readonly VideoType<OfferedCodec>[] {
  const worst = 99;
  const usable = codecs.filter((offered) => isUsable(sent.codec, offered));
  return (sent.codec === 'H264' ? ofBestMode(usable) : usable)
    .toSorted((a, b) => (misfitOf(a, sent) ?? worst) - (misfitOf(b, sent) ?? worst))
    .map((offered) => ({ codec: sent.codec, offered, rtxPayloadType: rtxOf(offered) }));
}

/** Where losses are not reported by NACK, nothing is sent again. */
const rtxOf = ({ feedback, rtxPayloadType }: OfferedCodec): number | null =>
  feedback.includes('nack') ? rtxPayloadType : null;

function isUsable(codec: VideoCodec, { name, clockRateHz, parameters }: OfferedCodec): boolean {
  if (name.toUpperCase() !== encodingNames[codec] || clockRateHz !== 90_000) return false;
  // One RTP stream in one transmission (RFC 7798 7.1).
  return codec !== 'HEVC' || (parameters['tx-mode'] ?? 'SRST').toUpperCase() === 'SRST';
}

/**
 * Packetization modes of H.264 (RFC 6184 8.1), those of one kind alone: 1; unsaid, which by the letter is 0, but is said by
 * receivers that take whatever comes (GStreamer, and Firefox beside a type of mode 1); 0. Mode 2 can only be asked for.
 */
const packetizationModes = ['1', undefined, '0'] as const;

function ofBestMode(codecs: readonly OfferedCodec[]): readonly OfferedCodec[] {
  const byMode = packetizationModes.map((mode) =>
    codecs.filter(({ parameters }) => parameters['packetization-mode'] === mode),
  );
  return byMode.find(({ length }) => length > 0) ?? [];
}

/** The type takes single NAL units alone: they must be made to fit its packets. */
export function isSingleNalType({ codec, offered }: VideoType): boolean {
  return codec === 'H264' && offered.parameters['packetization-mode'] === '0';
}

/**
 * 0: made for it; more: decodes it all the same; null: does not. Levels and tiers are not asked: browsers state modest
 * ones (AV1 5, H265 93) and decode what their machine can.
 */
function misfitOf({ parameters }: KeptCodec, sent: CodecProfile): number | null {
  const number = (key: string, unsaid: number): number => Number(parameters[key] ?? unsaid);
  switch (sent.codec) {
    case 'H264':
      // A source's NAL units are as long as they are; ours can be made to fit.
      if (parameters['packetization-mode'] === '0' && sent.profileLevelId !== null) return null;
      return h264Misfit(parameters['profile-level-id'], sent.profileLevelId);
    case 'HEVC': {
      // Main 10 decoders take Main (ITU-T H.265 A.3.3). Without one, Main is meant.
      const profile = number('profile-id', 1);
      if (profile === sent.profileIdc) return 0;
      return profile === 2 && sent.profileIdc === 1 ? 1 : null;
    }
    case 'AV1': {
      // Each profile takes those below (AV1 specification A.2).
      const profile = number('profile', 0);
      return profile >= sent.profile ? profile - sent.profile : null;
    }
    case 'VP9':
      return number('profile-id', 0) === sent.profile ? 0 : null;
    case 'VP8':
      return 0;
  }
}

/** The source's own profile first, then what every browser decodes; profile alone never refuses video. */
function h264Misfit(offered: string | undefined, profileLevelId: string | null): number {
  const source = profileLevelId === null ? null : h264Profile(profileLevelId);
  const order = [source, 'constrained-baseline', 'baseline'];
  const at = order.indexOf(h264Profile(offered));
  return at < 0 ? order.length : at;
}
