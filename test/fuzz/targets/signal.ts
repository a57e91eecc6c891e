/** What viewers send to be let in: SDP, ICE fragments, WCS frames. */
import assert from 'node:assert/strict';
import { writeAnswer } from '../../../src/core/sdp/answer.js';
import { parseFragment } from '../../../src/core/sdp/fragment.js';
import { parseOffer } from '../../../src/core/sdp/parse-offer.js';
import { anyVideo } from '../../../src/core/sdp/video-choice.js';
import type { WcsOutput } from '../../../src/core/wcs/contract.js';
import { parseFrame } from '../../../src/core/wcs/messages.js';
import { WcsSession } from '../../../src/core/wcs/session.js';
import { SluiceError } from '../../../src/errors.js';
import { type FuzzTarget, never, orRefused, textOf } from './target.js';

const ours = {
  cname: 'c',
  iceUfrag: 'ufrag',
  icePwd: 'p'.repeat(22),
  sendAudio: true,
  sourceAudio: null,
  sessionId: '1',
  fingerprint: 'AB:CD',
  candidates: [{ address: '192.0.2.1', port: 31_000, protocol: 'udp', priority: 1 } as const],
  takesTwcc: true,
  videoSsrc: 1,
  videoRtxSsrc: 2,
  audioSsrc: 3,
};
/** An answer repeats parts of the offer: each of its lines must still be one line. */
function answer(data: Uint8Array): void {
  const offer = parseOffer(textOf(data));
  try {
    const { sdp } = writeAnswer({ ...ours, offer, video: anyVideo });
    for (const line of sdp.split('\r\n').slice(0, -1)) assert.match(line, /^[a-z]=[^\r\n\u0085\u2028\u2029]*$/);
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === 'offer.unacceptable')) throw error;
  }
}

/** More are no longer one input: each costs what a frame costs, and an input of line ends alone has thousands. */
const maxFrames = 500;

/** A session that is spoken to line by line, while time goes on and its wishes are granted. */
function converse(data: Uint8Array): void {
  const session = new WcsSession(
    { authToken: '/a/b', startTimeoutMs: 10_000, maxPlays: 64, origin: '', hooks: null },
    0,
  );
  let nowMs = 0;
  const grant = (output: WcsOutput): void => {
    if (output.kind === 'send') JSON.stringify(output.frame);
    if (output.kind !== 'view') return;
    const media = { video: { codec: 'H264', width: 1280, height: 720 }, audio: null };
    const { play } = output;
    session.step({ kind: 'view.answered', play, viewerId: `v${play}`, answerSdp: 'v=0', media }, nowMs).forEach(grant);
    session.step({ kind: 'view.connected', play }, nowMs).forEach(grant);
  };
  for (const text of textOf(data).split('\n', maxFrames)) {
    nowMs += 700;
    orRefused(() => parseFrame(text));
    session.step({ kind: 'text', text }, nowMs).forEach(grant);
    session.step({ kind: 'tick' }, nowMs).forEach(grant);
  }
  session.step({ kind: 'closed' }, nowMs).forEach(grant);
}

export const signalTargets = {
  offer: {
    run: answer,
    words: [
      'a=mid:',
      'a=group:BUNDLE',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=rtpmap:96 H264/90000',
      '\r\n',
      '\u2028',
      'a=fmtp:',
    ],
  },
  fragment: {
    run: (data) => parseFragment(textOf(data)),
    words: ['a=ice-ufrag:', 'a=ice-pwd:', 'a=candidate:', '\r\n'],
  },
  wcs: {
    run: never(converse),
    words: [
      '{"message":"playStream","data":[',
      '"mediaSessionId":"m"',
      '"sdp":"v=0"',
      'stopStream',
      'connection',
      '__proto__',
      '\n',
    ],
  },
} satisfies Record<string, FuzzTarget>;
