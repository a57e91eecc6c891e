/**
 * The frames of WCS signalling (Web SDK 2.0): `{"message": name, "data": [...]}` both ways. Fields keep WCS's spelling.
 * Frames from us always have a data array: without one the SDK throws in the page.
 */
import type { ErrorCode } from '../../errors.js';
import { WireError } from '../bytes/wire-error.js';
import type { WcsFrame } from './frame.js';
import type { HookFields } from './hook-policy.js';
import { isKeptValue } from './kept-value.js';
import { readNumber } from './wish.js';

/** The first argument of the client's frame, as far as we read it. Wrong types read as absent. */
export interface WcsArgument {
  readonly mediaSessionId: string;
  readonly name: string;
  readonly sdp: string;
  readonly mediaProvider: string;
  readonly operationId: string;
  /** Of connectMediaTransport: that of the session whose media it is. */
  readonly authToken: string;
  /** Of sessionDebug: "start" or "stop". */
  readonly command: string;
  /** "UDP", "TCP", or empty. */
  readonly transport: string;
}

export interface WcsStatusEvent {
  readonly mediaSessionId: string;
  readonly name: string;
  readonly published: false;
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  readonly status: 'PENDING' | 'PLAYING' | 'PLAYBACK_PROBLEM' | 'STOPPED' | 'FAILED';
  readonly mediaProvider: string;
  readonly record: false;
  readonly info?: string;
  /** Ours, beside WCS's word: a stable code, and words for a person. */
  readonly reason?: { readonly code: ErrorCode; readonly text: string };
  readonly videoCodec?: string;
  readonly audioCodec?: string;
  readonly width?: number;
  readonly height?: number;
}

const maxMessageName = 64;
/** Longer ones are not verified (playback tokens), and none of them is kept. */
const maxTokenChars = 8192;
const maxConnectionTextChars = 1024;

/** Throws WireError on what is no frame. */
export function parseFrame(text: string): WcsFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireError('signal.wcs', 'no JSON');
  }
  const message = field(value, 'message');
  if (typeof message !== 'string' || message === '' || message.length > maxMessageName) {
    throw new WireError('signal.wcs', 'no message name');
  }
  const data = field(value, 'data') ?? [];
  if (!Array.isArray(data)) throw new WireError('signal.wcs', 'data is no array');
  return { message, data };
}

export function readArgument(frame: WcsFrame): WcsArgument {
  const argument = frame.data[0];
  return {
    mediaSessionId: text(argument, 'mediaSessionId'),
    name: text(argument, 'name'),
    sdp: text(argument, 'sdp'),
    mediaProvider: text(argument, 'mediaProvider'),
    operationId: text(argument, 'operationId'),
    authToken: text(argument, 'authToken'),
    command: text(argument, 'command'),
    transport: text(argument, 'transport'),
  };
}

/**
 * The playback token of a `connection` or `playStream`: in `custom`, or as `authToken`. The SDK also gives back there what
 * `getUserData` named the session by, which is no JSON Web Token.
 */
export function playbackToken(frame: WcsFrame): string {
  const argument = frame.data[0];
  const given = text(field(argument, 'custom'), 'token') || text(argument, 'authToken');
  const isToken = given.length <= maxTokenChars && given.split('.').length === 3 && !given.startsWith('/');
  return isToken ? given : '';
}

/** What the client says of itself in `connection`, and WCS repeats: to the client, and to a back end. */
const connectionTexts = ['appKey', 'clientVersion', 'clientOSVersion', 'clientBrowserVersion'] as const;
const noTunnel = { useWsTunnel: false, useWsTunnelPacketization2: false, useBase64BinaryEncoding: false };

/** The answer to `connection`. */
export function userData(frame: WcsFrame, authToken: string): HookFields {
  return {
    ...connectionCopies(frame),
    mediaProviders: ['WebRTC', 'MSE'],
    authToken,
    status: 'ESTABLISHED',
    ...noTunnel,
    // No webRTCMetricsServerDescription: with it the SDK starts to send metrics (docs/wcs.md 3.9).
  };
}

/** Of `connection`, for `connect` and ConnectionStatusEvent (docs/wcs.md 5). */
export function connectionFields(frame: WcsFrame, sessionId: string, origin: string): HookFields {
  const argument = frame.data[0];
  return {
    sessionId,
    ...connectionCopies(frame),
    mediaProviders: field(argument, 'mediaProviders') ?? [],
    ...noTunnel,
    keepAlive: field(argument, 'keepAlive') === true,
    custom: field(argument, 'custom') ?? {},
    origin,
  };
}

/** What is too long for it is left out. */
function connectionCopies({ data: [argument] }: WcsFrame): HookFields {
  const copied = connectionTexts.map((name) => [name, text(argument, name)] as const);
  return Object.fromEntries(copied.map(([name, value]) => [name, value.length <= maxConnectionTextChars ? value : '']));
}

/** Of `connection` and `playStream`: false for more than is kept. */
export const isKept = ({ data: [argument] }: WcsFrame): boolean =>
  ['custom', 'mediaProviders'].every((name) => isKeptValue(field(argument, name)));

/** In words, for its page. */
export const notKept = 'custom or mediaProviders hold more than 512 values, 16 levels or 16,384 characters';

/** Of `playStream`, for the back end; numbers that are none count as 0. */
export function playFields(frame: WcsFrame): HookFields {
  const argument = frame.data[0];
  const numbers = ['width', 'height', 'bitrate', 'minBitrate', 'maxBitrate', 'quality'];
  return {
    mediaSessionId: text(argument, 'mediaSessionId'),
    name: text(argument, 'name'),
    published: false,
    hasVideo: true,
    hasAudio: true,
    status: 'PENDING',
    sdp: text(argument, 'sdp'),
    record: false,
    ...Object.fromEntries(numbers.map((name) => [name, readNumber(field(argument, name))])),
    mediaProvider: text(argument, 'mediaProvider'),
    transport: text(argument, 'transport'),
    custom: field(argument, 'custom') ?? {},
  };
}

/** The back end has an error, or declines: the SDK's session warns the page. */
export const connectFailed = (info: string): WcsFrame => ({
  message: 'fail',
  data: [{ apiMethod: 'ConnectionStatusEvent', status: 'FAILED', info }],
});

/** The fields of a play's status that a back end gets beside those of the event: WCS's stream object at rest. */
export const streamAtRest: HookFields = {
  bitrate: 0,
  minBitrate: 0,
  maxBitrate: 0,
  quality: 0,
  history: false,
  gop: 0,
  fps: 0,
  audioBitrate: 0,
  codecImpl: '',
  transport: 'UDP',
  cvoExtension: false,
  mediaType: 'play',
  audioState: { muted: false },
  videoState: { muted: false },
};

/** The SDK's STREAM_EVENT of type data (docs/wcs.md 3.8). */
export const dataEvent = (mediaSessionId: string, payload: unknown): WcsFrame => ({
  message: 'notifyStreamEvent',
  data: [{ mediaSessionId, type: 'data', payload }],
});

/**
 * As an event, and as the status that SDKs before it knew instead. `png`: in base64, without `data:` before it (docs/wcs.md
 * 3.8).
 */
export const snapshotEvents = (mediaSessionId: string, png: string): readonly WcsFrame[] => [
  {
    message: 'notifyStreamEvent',
    data: [{ mediaSessionId, type: 'snapshotCompleted', payload: { snapshot: png } }],
  },
  { message: 'notifyStreamStatusEvent', data: [{ mediaSessionId, status: 'SNAPSHOT_COMPLETE', info: png }] },
];

/** Without an answer the page would wait for ever. */
export const snapshotFailed = (mediaSessionId: string, info: string): WcsFrame => ({
  message: 'notifyStreamEvent',
  data: [{ mediaSessionId, type: 'snapshotFailed', payload: { info } }],
});

/** Without a `file`, which would be the name of the log that WCS keeps of the session. */
export const sessionDebugEvent = ({ command }: WcsArgument): WcsFrame => ({
  message: 'notifySessionDebugEvent',
  data: [{ status: command === 'start' ? 'STARTED' : 'STOPPED' }],
});

/** The short form of a status event: enough for the SDK, whatever the client asked. */
export const failed = ({ mediaSessionId, name }: WcsArgument, info: string): WcsFrame => ({
  message: 'notifyStreamStatusEvent',
  data: [{ mediaSessionId, name, status: 'FAILED', info }],
});

/** Old and new clients listen to one of the two each; both feed `stream.videoResolution()`. */
export function resizeEvents(mediaSessionId: string, width: number, height: number): readonly WcsFrame[] {
  const size = { streamerVideoWidth: width, streamerVideoHeight: height };
  return [
    { message: 'notifyVideoFormat', data: [{ mediaSessionId, status: 'RESIZE', ...size }] },
    { message: 'notifyStreamEvent', data: [{ mediaSessionId, type: 'resize', payload: size }] },
  ];
}

/**
 * As an event, and as the status of older SDKs. `info`: "remoteBitrate/networkBandwidth" (docs/wcs.md 3.8), here in bit/s as
 * WCS's rates are.
 */
export function bandwidthEvents(mediaSessionId: string, sourceKbps: number, estimateKbps: number): readonly WcsFrame[] {
  const info = `${sourceKbps * 1000}/${estimateKbps * 1000}`;
  return [
    { message: 'notifyStreamEvent', data: [{ mediaSessionId, type: 'notEnoughBandwidth', payload: { info } }] },
    { message: 'notifyStreamStatusEvent', data: [{ mediaSessionId, status: 'NOT_ENOUGH_BANDWIDTH', info }] },
  ];
}

/** Each second: the SDK compares it with what has arrived since the last one, without a look at its clock. */
export const outboundVideoRate = (mediaSessionId: string, videoBps: number): WcsFrame => ({
  message: 'outboundVideoRate',
  data: [{ mediaSessionId, videoRate: videoBps }],
});

/** `status` is a string: the SDK compares with "true" (docs/wcs.md 3.7). */
export const availability = (mediaSessionId: string, info: string | null): WcsFrame => ({
  message: 'availableStream',
  data: [info === null ? { id: mediaSessionId, status: 'true' } : { id: mediaSessionId, status: 'false', info }],
});

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  return typeof found === 'string' ? found : '';
}
