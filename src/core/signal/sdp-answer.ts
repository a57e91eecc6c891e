/** Answers an SDP offer as a sender: ICE-lite, passive in DTLS, one transport for both tracks (RFC 8829 5.3). */
import { chooseMedia, type ServedMedia } from './answer-choice.js';
import type { Offer, OfferedCodec, OfferedMedia } from './sdp-offer.js';

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
  readonly sendVideo: boolean;
  readonly sendAudio: boolean;
  /** All that there are: none can follow. */
  readonly candidates: readonly Candidate[];
  /** SHA-256, as "AB:CD:...". */
  readonly fingerprint: string;
  /** Digits. */
  readonly sessionId: string;
  readonly videoSsrc: number;
  readonly audioSsrc: number;
  /** What the source sends, for example "42e01f"; null while it is not known. */
  readonly profileLevelId: string | null;
}

export interface AnswerTrack {
  readonly ssrc: number;
  readonly payloadType: number;
}

export interface Answer {
  readonly sdp: string;
  /** Null: not served. */
  readonly audio: AnswerTrack | null;
  readonly video: AnswerTrack | null;
}

/** Feedback that is acted upon. Without transport-cc browsers estimate by REMB. */
const feedback = ['nack', 'nack pli', 'ccm fir', 'goog-remb'];
const h264Parameters = ['level-asymmetry-allowed', 'packetization-mode', 'profile-level-id'];
/** Stereo both ways: without it a browser mixes what it hears to one channel (RFC 7587 6.1). */
const opusParameters = 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1';

/** Lines end by CRLF. Throws SluiceError offer.unacceptable, which says what was missing. */
export function writeAnswer(options: AnswerOptions): Answer {
  const { offer } = options;
  const choices = chooseMedia(offer, options);
  const served = choices.filter((choice) => choice !== null);
  const isTagged = (choice: ServedMedia): boolean => choice === served[0];
  const lines = [
    ...sessionLines(options, served),
    ...offer.media.flatMap((media, at) => {
      const choice = choices[at] ?? null;
      return choice === null ? refusedLines(media) : servedLines(options, choice, isTagged(choice));
    }),
  ];
  const track = (kind: ServedMedia['kind']): AnswerTrack | null => {
    const payloadType = served.find((choice) => choice.kind === kind && !choice.isSilent)?.codecs[0].payloadType;
    return payloadType === undefined ? null : { ssrc: ssrcOf(options, kind), payloadType };
  };
  return { sdp: `${lines.join('\r\n')}\r\n`, audio: track('audio'), video: track('video') };
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
function servedLines(options: AnswerOptions, choice: ServedMedia, tagged: boolean): readonly string[] {
  const { kind, media, codecs, isSilent } = choice;
  const { cname, iceUfrag, icePwd, fingerprint, candidates } = options;
  const place = candidates.find(({ protocol }) => protocol === 'udp') ?? { address: '0.0.0.0', port: 9 };
  return [
    `m=${media.kind} ${place.port} ${media.protocol} ${codecs.map(({ payloadType }) => payloadType).join(' ')}`,
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
    ...codecs.flatMap((codec) => codecLines(kind, codec)),
    ...(isSilent ? [] : [`a=msid:${cname} ${kind}`, `a=ssrc:${ssrcOf(options, kind)} cname:${cname}`]),
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

function codecLines(kind: ServedMedia['kind'], { payloadType, ...codec }: OfferedCodec): readonly string[] {
  const taken = feedback.filter((value) => codec.feedback.includes(value));
  const parameters = h264Parameters.flatMap((key) => {
    const value = codec.parameters[key];
    return value === undefined ? [] : [`${key}=${value}`];
  });
  return [
    `a=rtpmap:${payloadType} ${kind === 'audio' ? 'opus/48000/2' : 'H264/90000'}`,
    ...taken.map((value) => `a=rtcp-fb:${payloadType} ${value}`),
    `a=fmtp:${payloadType} ${kind === 'audio' ? opusParameters : parameters.join(';')}`,
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
