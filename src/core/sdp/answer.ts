/** Answers an SDP offer as a sender: ICE-lite, passive in DTLS, one transport for both tracks (RFC 8829 5.3). */
import type { AudioEncoding } from '../codec/audio-encoding.js';
import type { CodecProfile } from '../codec/codec-profile.js';
import type { VideoCodec } from '../codec/video-codecs.js';
import { chooseMedia, type ServedMedia, type ServedType } from './answer-choice.js';
import { type AudioType, audioRtpmaps } from './audio-choice.js';
import type { Offer, OfferedCodec, OfferedMedia } from './offer.js';
import { agreeOnTwcc, twccExtensionUri, twccFeedback } from './twcc-extension.js';
import { rtpmapOf, type VideoType } from './video-choice.js';

export interface Candidate {
  /** IPv4 or IPv6 literal. */
  readonly address: string;
  readonly port: number;
  /** tcp: we listen there (RFC 6544, passive). */
  readonly protocol: 'udp' | 'tcp';
  /** RFC 8445 5.1.2. */
  readonly priority: number;
}

export interface AnswerOptions {
  readonly offer: Offer;
  /** Also the name of the one media stream that both tracks belong to. */
  readonly cname: string;
  readonly iceUfrag: string;
  readonly icePwd: string;
  /**
   * The profiles in which video can be sent now, the best first: the source's own where browsers can play it, then
   * renditions. Empty: the source has no video.
   */
  readonly video: readonly CodecProfile[];
  readonly sendAudio: boolean;
  /** Codec of the source's audio; null: none yet. */
  readonly sourceAudio: string | null;
  /** What the viewer reports of arrivals can be acted upon: a rendition may serve it, whose bitrate follows. */
  readonly takesTwcc: boolean;
  /** All that there are: none can follow. */
  readonly candidates: readonly Candidate[];
  /** SHA-256, as "AB:CD:...". */
  readonly fingerprint: string;
  /** Digits. */
  readonly sessionId: string;
  readonly videoSsrc: number;
  /** Of the frames sent again, where RTX is offered. */
  readonly videoRtxSsrc: number;
  readonly audioSsrc: number;
}

export interface AnswerTrack {
  readonly ssrc: number;
  readonly payloadType: number;
  /** How packets are sent again (RFC 4588); null: as they were. */
  readonly rtx: { readonly ssrc: number; readonly payloadType: number } | null;
}

export interface AudioAnswer extends AnswerTrack {
  readonly encoding: AudioEncoding;
}

export interface VideoAnswer extends AnswerTrack {
  readonly rtxSsrc: number;
  /** What is sent first, under `payloadType`. */
  readonly codec: VideoCodec;
  /** Of each codec that the viewer takes the type that fits best: another encoding may be sent under it at any time. */
  readonly payloadTypes: Readonly<Partial<Record<VideoCodec, number>>>;
  /** All types, for `videoTypeFor`: whether, and under which, an encoding that comes up later can be sent. */
  readonly types: readonly VideoType[];
}

export interface Answer {
  readonly sdp: string;
  /** Null: not served. */
  readonly audio: AudioAnswer | null;
  readonly video: VideoAnswer | null;
  /** Number of the header extension by which packets may be numbered transport-wide, 1 to 14; null: not agreed. */
  readonly twccId: number | null;
  /** Why m-lines are refused that ask for what the stream has, in words. */
  readonly refused: readonly string[];
}

/** Feedback that is acted upon. Browsers estimate by REMB as long as packets have no transport-wide numbers. */
const feedback = ['nack', 'nack pli', 'ccm fir', 'goog-remb'];
/** Repeated as offered: what the viewer can decode. Others (max-fs, max-fr) speak of what their writer receives. */
const parameters: Readonly<Record<VideoCodec, readonly string[]>> = {
  H264: ['level-asymmetry-allowed', 'packetization-mode', 'profile-level-id'],
  HEVC: ['profile-space', 'profile-id', 'tier-flag', 'level-id', 'tx-mode'],
  AV1: ['profile', 'level-idx', 'tier'],
  VP9: ['profile-id'],
  VP8: [],
};
/** Opus: stereo both ways: without it a browser mixes what it hears to one channel (RFC 7587 6.1). */
const audioParameters: Readonly<Record<AudioEncoding, string>> = {
  Opus: 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1',
  PCMA: '',
  PCMU: '',
};

/** Lines end by CRLF. Throws SluiceError offer.unacceptable, which says what was missing. */
export function writeAnswer(options: AnswerOptions): Answer {
  const { offer } = options;
  const { choices, refused } = chooseMedia(offer, options);
  const served = choices.filter((choice) => choice !== null);
  const twccId = options.takesTwcc ? agreeOnTwcc(served) : null;
  const isTagged = (choice: ServedMedia): boolean => choice === served[0];
  const lines = [
    ...sessionLines(options, served),
    ...offer.media.flatMap((media, at) => {
      const choice = choices[at] ?? null;
      return choice === null ? refusedLines(media) : servedLines(options, choice, twccId, isTagged(choice));
    }),
  ];
  const typesOf = (kind: ServedMedia['kind']) => served.find((one) => one.kind === kind && !one.isSilent)?.types;
  return {
    sdp: `${lines.join('\r\n')}\r\n`,
    audio: audioAnswer(options, typesOf('audio') ?? []),
    video: videoAnswer(options, typesOf('video') ?? []),
    twccId,
    refused,
  };
}

/** The video as it is sent under this one of the answer's types. */
export function trackUnder({ ssrc, rtxSsrc }: Pick<VideoAnswer, 'ssrc' | 'rtxSsrc'>, type: VideoType): AnswerTrack {
  const { offered, rtxPayloadType } = type;
  const rtx = rtxPayloadType === null ? null : { ssrc: rtxSsrc, payloadType: rtxPayloadType };
  return { ssrc, payloadType: offered.payloadType, rtx };
}

const isVideo = (type: ServedType): type is VideoType<OfferedCodec> => 'rtxPayloadType' in type;
const isAudio = (type: ServedType): type is AudioType => !isVideo(type);

function audioAnswer({ audioSsrc }: AnswerOptions, served: readonly ServedType[]): AudioAnswer | null {
  const type = served.find(isAudio);
  if (type === undefined) return null;
  return { ssrc: audioSsrc, payloadType: type.offered.payloadType, rtx: null, encoding: type.codec };
}

function videoAnswer({ videoSsrc, videoRtxSsrc }: AnswerOptions, served: readonly ServedType[]): VideoAnswer | null {
  const types = served.filter(isVideo);
  const [first] = types;
  if (first === undefined) return null;
  // The first of each codec is the one that fits best: it is written last.
  const payloadTypes = Object.fromEntries(types.toReversed().map(({ codec, offered }) => [codec, offered.payloadType]));
  const ssrcs = { ssrc: videoSsrc, rtxSsrc: videoRtxSsrc };
  const kept = types.map(({ offered: { payloadType, parameters }, ...type }) => ({
    ...type,
    offered: { payloadType, parameters },
  }));
  return { ...ssrcs, ...trackUnder(ssrcs, first), codec: first.codec, payloadTypes, types: kept };
}

function ssrcOf({ audioSsrc, videoSsrc }: AnswerOptions, kind: ServedMedia['kind']): number {
  return kind === 'audio' ? audioSsrc : videoSsrc;
}

function sessionLines({ offer, sessionId }: AnswerOptions, served: readonly ServedMedia[]): readonly string[] {
  return [
    'v=0',
    `o=- ${sessionId} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(offer.bundle.length > 0 ? [`a=group:BUNDLE ${served.map(({ media }) => media.mid).join(' ')}`] : []),
    'a=ice-lite',
    ...(offer.iceOptions.includes('ice2') ? ['a=ice-options:ice2'] : []),
  ];
}

/** `tagged`: the m-line that carries the group's candidates (RFC 9143 7.3.1). */
function servedLines(
  options: AnswerOptions,
  choice: ServedMedia,
  twccId: number | null,
  tagged: boolean,
): readonly string[] {
  const { media, types, isSilent } = choice;
  const extensionId = isSilent ? null : twccId;
  const taken = extensionId === null ? feedback : [...feedback, twccFeedback];
  const { iceUfrag, icePwd, fingerprint, candidates } = options;
  const place = candidates.find(({ protocol }) => protocol === 'udp') ?? { address: '0.0.0.0', port: 9 };
  return [
    `m=${media.kind} ${place.port} ${media.protocol} ${types.flatMap(formatsOf).join(' ')}`,
    `c=IN ${place.address.includes(':') ? 'IP6' : 'IP4'} ${place.address}`,
    ...(media.mid === '' ? [] : [`a=mid:${media.mid}`]),
    isSilent ? 'a=inactive' : 'a=sendonly',
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:passive',
    // Never rtcp-mux-only, which is for offers alone (RFC 8858 4.3).
    'a=rtcp-mux',
    ...(media.rtcpReducedSize ? ['a=rtcp-rsize'] : []),
    ...(extensionId === null ? [] : [`a=extmap:${extensionId} ${twccExtensionUri}`]),
    ...types.flatMap((type) => typeLines(type, taken)),
    ...(isSilent ? [] : sourceLines(options, choice)),
    ...(tagged ? candidateLines(candidates) : []),
  ];
}

/** Port 0, out of the group, its formats as they came (RFC 3264 6). */
function refusedLines({ kind, protocol, formats, mid }: OfferedMedia): readonly string[] {
  return [
    `m=${kind} 0 ${protocol} ${formats.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...(mid === '' ? [] : [`a=mid:${mid}`]),
    'a=inactive',
  ];
}

const rtxOf = (type: ServedType): number | null => (isVideo(type) ? type.rtxPayloadType : null);

function formatsOf(type: ServedType): readonly number[] {
  const rtx = rtxOf(type);
  return rtx === null ? [type.offered.payloadType] : [type.offered.payloadType, rtx];
}

function typeLines(type: ServedType, feedback: readonly string[]): readonly string[] {
  const { offered } = type;
  const { payloadType } = offered;
  const rtx = rtxOf(type);
  const taken = feedback.filter((value) => offered.feedback.includes(value));
  const format = isVideo(type) ? formatOf(type.codec, offered.parameters) : audioParameters[type.codec];
  return [
    `a=rtpmap:${payloadType} ${isVideo(type) ? rtpmapOf(type.codec) : audioRtpmaps[type.codec]}`,
    ...taken.map((value) => `a=rtcp-fb:${payloadType} ${value}`),
    ...(format === '' ? [] : [`a=fmtp:${payloadType} ${format}`]),
    ...(rtx === null ? [] : [`a=rtpmap:${rtx} rtx/${offered.clockRateHz}`, `a=fmtp:${rtx} apt=${payloadType}`]),
  ];
}

function formatOf(codec: VideoCodec, offered: Readonly<Record<string, string>>): string {
  const said = parameters[codec].filter((key) => offered[key] !== undefined);
  const repeated = said.map((key) => `${key}=${offered[key]}`);
  // Where an offer leaves it open, the answer says what is sent.
  const isOpen = codec === 'H264' && offered['packetization-mode'] === undefined;
  return (isOpen ? ['packetization-mode=1', ...repeated] : repeated).join(';');
}

function sourceLines(options: AnswerOptions, { kind, types }: ServedMedia): readonly string[] {
  const { cname, videoRtxSsrc } = options;
  const ssrc = ssrcOf(options, kind);
  const hasRtx = types.some((type) => rtxOf(type) !== null);
  return [
    `a=msid:${cname} ${kind}`,
    ...(hasRtx ? [`a=ssrc-group:FID ${ssrc} ${videoRtxSsrc}`] : []),
    `a=ssrc:${ssrc} cname:${cname}`,
    ...(hasRtx ? [`a=ssrc:${videoRtxSsrc} cname:${cname}`] : []),
  ];
}

function candidateLines(candidates: readonly Candidate[]): readonly string[] {
  return [
    ...candidates.map(({ address, port, protocol, priority }, at) => {
      const type = protocol === 'tcp' ? 'host tcptype passive' : 'host';
      return `a=candidate:${at + 1} 1 ${protocol} ${priority} ${address} ${port} typ ${type}`;
    }),
    'a=end-of-candidates',
  ];
}
