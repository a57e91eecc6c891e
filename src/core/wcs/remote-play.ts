/**
 * The player's half of WCS signalling (docs/wcs.md 3), as one server speaks it to another whose stream it pulls: connection, one
 * playStream, the answer, and what becomes of it. Pure: frames in, frames and events out.
 */
import type { ErrorCode } from '../../errors.js';
import type { WcsFrame } from './frame.js';
import { parseFrame } from './messages.js';

export interface RemotePlayOptions {
  /** Made up by us, and the key of everything after. */
  readonly mediaSessionId: string;
  readonly streamName: string;
}

export type RemotePlayEvent =
  /** The server takes requests. */
  | { readonly kind: 'established' }
  | { readonly kind: 'answer'; readonly sdp: string }
  /** The last of all. */
  | { readonly kind: 'ended'; readonly reason: ErrorCode; readonly detail: string };

interface Step {
  readonly send: readonly WcsFrame[];
  readonly events: readonly RemotePlayEvent[];
}

const maxInfoChars = 200;
/** The words of the Web SDK's STREAM_STATUS_INFO that say why (docs/wcs.md 3.5). */
const reasons: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['Stream not found', 'source.notFound'],
  ['Publish stream is not ready', 'source.noMedia'],
  ['Restricted access', 'source.notAuthorised'],
  ['Stopped by publisher stop', 'source.ended'],
  ['Stopped by rest /terminate', 'source.ended'],
  ['Stream failed', 'source.ended'],
]);

export class RemotePlay {
  readonly #options: RemotePlayOptions;
  #isAnswered = false;

  constructor(options: RemotePlayOptions) {
    this.#options = options;
  }

  connect(): WcsFrame {
    const argument = { appKey: 'defaultApp', mediaProviders: ['WebRTC'], clientVersion: '2.0', clientInfo: {} };
    return { message: 'connection', data: [argument] };
  }

  play(sdp: string): WcsFrame {
    const { mediaSessionId, streamName: name } = this.#options;
    const sizes = { width: 0, height: 0, bitrate: 0, minBitrate: 0, maxBitrate: 0, quality: 0 };
    const tracks = { hasVideo: true, hasAudio: true, status: 'PENDING', record: false, mediaProvider: 'WebRTC' };
    return { message: 'playStream', data: [{ mediaSessionId, name, published: false, ...tracks, ...sizes, sdp }] };
  }

  stop(): WcsFrame {
    const { mediaSessionId, streamName: name } = this.#options;
    const tracks = { hasVideo: true, hasAudio: true, status: 'PLAYING', record: false };
    return { message: 'stopStream', data: [{ mediaSessionId, name, published: false, ...tracks }] };
  }

  /** Throws WireError on what is no frame. Messages that we do not know are passed over. */
  receive(text: string): Step {
    const { message, data } = parseFrame(text);
    const [first, second] = data;
    switch (message) {
      case 'ping':
        return { send: [{ message: 'pong', data: [null] }], events: [] };
      case 'getUserData':
        return { send: [], events: [{ kind: 'established' }] };
      case 'setRemoteSDP':
        if (first !== this.#options.mediaSessionId || typeof second !== 'string' || this.#isAnswered) return nothing;
        this.#isAnswered = true;
        return { send: [], events: [{ kind: 'answer', sdp: second }] };
      case 'notifyStreamStatusEvent':
      case 'fail':
        return { send: [], events: this.#changed(first) };
      default:
        return nothing;
    }
  }

  /** Its source may be away for a moment (PLAYBACK_PROBLEM): whoever plays it waits. */
  #changed(argument: unknown): readonly RemotePlayEvent[] {
    const id = textOf(argument, 'mediaSessionId') || textOf(argument, 'id');
    const status = textOf(argument, 'status');
    const isOurs = id === this.#options.mediaSessionId || textOf(argument, 'apiMethod') === 'ConnectionStatusEvent';
    if (!isOurs || (status !== 'FAILED' && status !== 'STOPPED' && status !== 'UNPUBLISHED')) return [];
    const info = textOf(argument, 'info').slice(0, maxInfoChars);
    const reason = reasons.get(info) ?? (this.#isAnswered ? 'source.ended' : 'source.rejected');
    return [{ kind: 'ended', reason, detail: `${status} ${JSON.stringify(info)}` }];
  }
}

const nothing: Step = { send: [], events: [] };

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return '';
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
}
