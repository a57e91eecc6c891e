/** Answers to offers, with all that the server adds held fixed. */
import { type AnswerOptions, writeAnswer } from '../../../src/core/sdp/answer.js';
import { parseOffer } from '../../../src/core/sdp/parse-offer.js';

export const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
export const udp = { address: '192.0.2.1', port: 40_000, protocol: 'udp', priority: 2_130_706_431 } as const;
export const tcp = { address: '192.0.2.1', port: 40_000, protocol: 'tcp', priority: 1_671_430_143 } as const;

export function answer(sdp: string, options: Partial<AnswerOptions> = {}) {
  return writeAnswer({
    offer: parseOffer(sdp),
    cname: 'sluice',
    iceUfrag: 'ufrg',
    icePwd: 'pwdpwdpwdpwdpwdpwdpwdp',
    fingerprint,
    sendAudio: true,
    sourceAudio: null,
    takesTwcc: false,
    candidates: [udp, tcp],
    sessionId: '42',
    videoSsrc: 2222,
    videoRtxSsrc: 3333,
    audioSsrc: 1111,
    video: [{ codec: 'H264', profileLevelId: '42c01f' }],
    ...options,
  });
}
