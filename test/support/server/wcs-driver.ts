/** Drives the machine of a WCS session with a clock of its own; what comes out is put in words. */
import { readFileSync } from 'node:fs';
import type { WcsInput, WcsOutput } from '../../../src/core/wcs/contract.js';
import type { WcsFrame } from '../../../src/core/wcs/frame.js';
import { WcsSession } from '../../../src/core/wcs/session.js';

export const sdp = readFileSync('test/fixtures/offers/chromium-156.sdp', 'utf8');
const media = { video: { codec: 'H264', width: 1280, height: 720 }, audio: { codec: 'opus' } };

export interface DrivenSession {
  /** From now on it is this late. */
  at(ms: number): DrivenSession;
  step(input: WcsInput): readonly string[];
  /** The same, whole: what is sent. */
  frames(input: WcsInput): readonly WcsFrame[];
  say(message: string, ...data: readonly unknown[]): readonly string[];
  play(mediaSessionId?: string, more?: object): readonly string[];
  answer(play: number): readonly string[];
}

/** `established`: the client has said `connection`. */
export function driveWcsSession({ established = true } = {}): DrivenSession {
  const session = new WcsSession({ authToken: '/a/b', startTimeoutMs: 10_000, maxPlays: 64 }, 0);
  let nowMs = 0;
  const step = (input: WcsInput): readonly string[] => session.step(input, nowMs).flatMap(inWords);
  const say: DrivenSession['say'] = (message, ...data) =>
    step({ kind: 'text', text: JSON.stringify({ message, data }) });
  const opened: DrivenSession = {
    step,
    say,
    frames: (input) => session.step(input, nowMs).flatMap((output) => (output.kind === 'send' ? [output.frame] : [])),
    at(ms) {
      nowMs = ms;
      return opened;
    },
    play: (mediaSessionId = 'm', more = {}) =>
      say('playStream', { mediaSessionId, name: 'cam', mediaProvider: 'WebRTC', sdp, ...more }),
    answer: (play) => step({ kind: 'view.answered', play, viewerId: `viewer${play}`, answerSdp: 'v=0', media }),
  };
  if (established) opened.say('connection', { appKey: 'defaultApp' });
  return opened;
}

function inWords(output: WcsOutput): readonly string[] {
  switch (output.kind) {
    case 'send': {
      const [first] = output.frame.data;
      if (typeof first !== 'object' || first === null || !('status' in first)) return [output.frame.message];
      const info = 'info' in first ? ` ${first.info}` : '';
      return [`${output.frame.message} ${first.status}${info}`];
    }
    case 'close':
      return [`close ${output.code} ${output.reason}`];
    case 'view':
      return [`view ${output.play} ${output.name}`];
    case 'leave':
      return [`leave ${output.viewerId}`];
    case 'snapshot':
      return [`snapshot ${output.name}`];
    case 'find':
      return [`find ${output.name}`];
    case 'log':
      return [];
  }
}

/** A status event in words. */
export const status = (words: string): string => `notifyStreamStatusEvent ${words}`;
