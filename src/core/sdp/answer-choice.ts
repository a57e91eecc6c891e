/** Which m-lines of an offer we serve, and by which of their codecs. */
import { SluiceError } from '../../errors.js';
import type { CodecProfile } from '../codec/codec-profile.js';
import { type AudioType, chooseAudio } from './audio-choice.js';
import type { Offer, OfferedCodec, OfferedMedia } from './offer.js';
import { anyVideo, chooseVideoTypes, describeSent, type VideoType } from './video-choice.js';

export type ServedType = VideoType<OfferedCodec> | AudioType;

export interface ServedMedia {
  readonly kind: 'audio' | 'video';
  readonly media: OfferedMedia;
  /** What we can send; the one sent first. */
  readonly types: readonly [ServedType, ...ServedType[]];
  /**
   * True: nothing is sent, and the m-line only carries the transport. Chromium takes no answer that refuses the m-line
   * which its BUNDLE group is tagged by (RFC 9143 7.2): "Failed to setup RTCP mux".
   */
  readonly isSilent: boolean;
}

export interface Wanted {
  readonly sendAudio: boolean;
  /** Codec of the source's audio; null: none yet. */
  readonly sourceAudio: string | null;
  /** The profiles in which video can be sent, the best first; empty: there is no video. */
  readonly video: readonly CodecProfile[];
}

export interface MediaChoice {
  /** For each m-line, in order, how it is served; null: refused. */
  readonly choices: readonly (ServedMedia | null)[];
  /** Why those are refused that ask for what the stream has. */
  readonly refused: readonly string[];
}

/** Throws offer.unacceptable when no m-line can be served. */
export function chooseMedia(offer: Offer, wanted: Wanted): MediaChoice {
  const reasons: string[] = [];
  const taken = new Set<string>();
  const choices = offer.media.map((media): ServedMedia | null => {
    const kind = media.kind.toLowerCase();
    if ((kind !== 'audio' && kind !== 'video') || taken.has(kind)) return null;
    const isSilent = kind === 'audio' ? !wanted.sendAudio : wanted.video.length === 0;
    if (isSilent && offer.bundle[0] !== media.mid) return null;
    // An m-line that only carries the transport names some codec all the same.
    const sent = isSilent ? anyVideo : wanted.video;
    const [first, ...others] = kind === 'audio' ? audioOf(media, wanted) : chooseVideoTypes(media.codecs, sent);
    const lacking = kind === 'audio' ? 'Opus or G.711' : describeSent(sent);
    const reason = first === undefined ? `no ${lacking}` : obstacle(media);
    if (first === undefined || reason !== null) {
      if (!isSilent) reasons.push(`${kind}: ${reason}`);
      return null;
    }
    taken.add(kind);
    return { kind, media, types: [first, ...others], isSilent };
  });
  const kept = bundled(offer, choices, reasons);
  checkTransport(offer);
  return { choices: kept, refused: reasons };
}

function checkTransport({ iceUfrag, icePwd, fingerprint, setup }: Offer): void {
  if (iceUfrag === '' || icePwd === '') throw unacceptable('it has no ice-ufrag and ice-pwd');
  if (fingerprint.value === '') throw unacceptable('it has no DTLS fingerprint');
  if (fingerprint.algorithm !== 'sha-256') throw unacceptable('its fingerprint is not by sha-256');
  // We are the DTLS server, so that we choose the SRTP profile.
  if (setup !== 'actpass' && setup !== 'active') throw unacceptable(`a=setup:${setup} leaves us no passive role`);
}

/** Why the m-line cannot be served; null when it can. */
function obstacle(media: OfferedMedia): string | null {
  if (media.refused) return 'port 0';
  if (media.direction === 'sendonly' || media.direction === 'inactive') return `${media.direction} receives nothing`;
  // Any of these names the same with a fingerprint (RFC 8829 5.1.2).
  if (!/(^|\/)RTP\/S?AVPF?$/i.test(media.protocol)) return 'its protocol is not RTP by DTLS';
  return media.rtcpMux ? null : 'no rtcp-mux';
}

/** All tracks go by one transport: more than one is served only inside the BUNDLE group. */
function bundled(offer: Offer, choices: readonly (ServedMedia | null)[], reasons: readonly string[]) {
  const served = choices.filter((choice) => choice !== null);
  if (served.every(({ isSilent }) => isSilent)) {
    throw unacceptable(reasons.length > 0 ? reasons.join('; ') : 'it asks for nothing that the stream has');
  }
  const inGroup = (choice: ServedMedia): boolean => offer.bundle.includes(choice.media.mid);
  if (served.length === 1 && offer.bundle.length === 0) return choices;
  if (!served.some(inGroup)) throw unacceptable('no BUNDLE group holds what it asks for');
  return choices.map((choice) => (choice !== null && inGroup(choice) ? choice : null));
}

function audioOf({ codecs }: OfferedMedia, { sourceAudio }: Wanted): readonly AudioType[] {
  const type = chooseAudio(codecs, sourceAudio);
  return type === null ? [] : [type];
}

function unacceptable(detail: string): SluiceError {
  return new SluiceError('offer.unacceptable', detail);
}
