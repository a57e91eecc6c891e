/** The answer to one viewer's offer, as the stream is now. */
import { randomBytes, randomInt } from 'node:crypto';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { type Answer, writeAnswer } from '../../src/core/sdp/answer.js';
import type { ActorBoot, JoinRequest } from '../contract.js';
import type { Credentials } from '../session-record.js';
import type { Endpoint } from '../transport/endpoint.js';
import { cname } from './encodings.js';
import { profilesToOffer, type StreamVideo } from './viewer-encoding.js';

/** What an answer depends on. */
export interface AnswerContext {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly endpoint: Endpoint;
  readonly media: () => MediaInfo;
  readonly streamVideo: () => StreamVideo;
}

const randomSsrc = (): number => randomInt(1, 2 ** 32);

/** New ones of ours, for a viewer that names itself by this (RFC 8445 5.3). */
export const newCredentials = ({ ufragPrefix }: Pick<Endpoint, 'ufragPrefix'>, remoteUfrag: string): Credentials => ({
  localUfrag: ufragPrefix + randomBytes(6).toString('base64'),
  localPwd: randomBytes(18).toString('base64'),
  remoteUfrag,
});

/** Error: offer.unacceptable. */
export function answerOffer(
  { boot, endpoint, media, streamVideo }: AnswerContext,
  { offer, wish }: JoinRequest,
  { localUfrag, localPwd }: Credentials,
): Answer {
  return writeAnswer({
    offer,
    cname,
    iceUfrag: localUfrag,
    icePwd: localPwd,
    video: profilesToOffer(streamVideo(), wish),
    // Audio that the source does not have yet is heard when it appears (ARCHITECTURE.md, The life of a viewer).
    sendAudio: boot.spec.hasAudio,
    sourceAudio: media().audio?.codec ?? null,
    takesTwcc: boot.settings.media.transcoding,
    candidates: endpoint.candidates,
    fingerprint: boot.certificate.fingerprint,
    sessionId: String(randomInt(2 ** 47)),
    videoSsrc: randomSsrc(),
    videoRtxSsrc: randomSsrc(),
    audioSsrc: randomSsrc(),
  });
}
