/** Drives the machine of a WCS session with a clock of its own; what comes out is put in words. */
import { readFileSync } from 'node:fs';
import type { HookSettings, WcsInput, WcsOutput } from '../../../src/core/wcs/contract.js';
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
  /** The same: the bodies of the calls to back ends. */
  hooks(input: WcsInput): readonly object[];
  outputs(input: WcsInput): readonly WcsOutput[];
  say(message: string, ...data: readonly unknown[]): readonly string[];
  play(mediaSessionId?: string, more?: object): readonly string[];
  answer(play: number): readonly string[];
}

interface DriveOptions {
  /** The client has said `connection`. */
  readonly established?: boolean;
  readonly hooks?: HookSettings | null;
}

export function driveWcsSession({ established = true, hooks = null }: DriveOptions = {}): DrivenSession {
  const settings = { authToken: '/a/b', startTimeoutMs: 10_000, maxPlays: 64, origin: 'https://page.example', hooks };
  const session = new WcsSession(settings, 0);
  let nowMs = 0;
  const step = (input: WcsInput): readonly string[] => session.step(input, nowMs).flatMap(inWords);
  const say: DrivenSession['say'] = (message, ...data) =>
    step({ kind: 'text', text: JSON.stringify({ message, data }) });
  const opened: DrivenSession = {
    step,
    say,
    frames: (input) => session.step(input, nowMs).flatMap((output) => (output.kind === 'send' ? [output.frame] : [])),
    hooks: (input) => session.step(input, nowMs).flatMap((output) => (output.kind === 'hook' ? [output.body] : [])),
    outputs: (input) => session.step(input, nowMs),
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
    case 'view.packets':
      return [`packets ${output.play} ${output.name}`];
    case 'media':
      return [`media of ${output.authToken}`];
    case 'media.feed':
      return [`feed ${output.play} ${output.viewerId} to ${output.socket}`];
    case 'media.close':
      return [`close media ${output.socket}`];
    case 'leave':
      return [`leave ${output.viewerId}`];
    case 'snapshot':
      return [`snapshot ${output.name}`];
    case 'hook':
      return [
        `hook ${output.call} ${output.appKey} ${output.method}${'status' in output.body ? ` ${output.body.status}` : ''}`,
      ];
    case 'find':
      return [`find ${output.name}`];
    case 'log':
      return [];
  }
}

/** A status event in words. */
export const status = (words: string): string => `notifyStreamStatusEvent ${words}`;
