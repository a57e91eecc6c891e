/** One play of a WCS session, and how it is described to its client. */
import { type ErrorCode, errorTable } from '../../errors.js';
import { WireError } from '../bytes/wire-error.js';
import type { Offer } from '../sdp/offer.js';
import { parseOffer } from '../sdp/parse-offer.js';
import type { PlayedMedia } from '../sdp/played-media.js';
import type { WcsData, WcsFrame } from './frame.js';
import { playbackToken, type WcsArgument, type WcsStatusEvent } from './messages.js';

export interface Play {
  readonly play: number;
  readonly mediaSessionId: string;
  name: string;
  readonly mediaProvider: 'WebRTC' | 'MSE';
  /** When it was asked for; of one whose turn to open its socket for media has yet to come, now. */
  startedMs: number;
  viewerId: string | null;
  answerSdp: string;
  /** What a player was told that is told once; null: another one. */
  toldMedia: PlayedMedia | null;
  /** The size that the page was told last; 0: none yet. */
  toldSize: { readonly width: number; readonly height: number };
  /** Since when the stream has other tracks; null: it has not. */
  otherSinceMs: number | null;
  media: PlayedMedia | null;
  isConnected: boolean;
  isPlaying: boolean;
  /** It is to be reached by TCP alone. */
  readonly isTcpOnly: boolean;
  /** When its client has closed the socket for its media; null: it has not. */
  mediaClosedMs: number | null;
  /** Of its own; empty: that of the session counts. */
  readonly token: string;
  /** Why its source is away; null while it is there. */
  lost: ErrorCode | null;
}

export const maxIdLength = 128;
export const maxNameLength = 2048;

/** As it is asked for. `play`: our number of it. */
export function newPlay(play: number, frame: WcsFrame, argument: WcsArgument, nowMs: number): Play {
  return {
    play,
    mediaSessionId: argument.mediaSessionId.slice(0, maxIdLength),
    name: argument.name.slice(0, maxNameLength),
    mediaProvider: argument.mediaProvider === 'MSE' ? 'MSE' : 'WebRTC',
    startedMs: nowMs,
    viewerId: null,
    answerSdp: '',
    toldMedia: null,
    toldSize: { width: 0, height: 0 },
    otherSinceMs: null,
    media: null,
    isConnected: false,
    isPlaying: false,
    mediaClosedMs: null,
    token: playbackToken(frame),
    isTcpOnly: argument.transport.toUpperCase() === 'TCP',
    lost: null,
  };
}

/** Why a play ended: WCS's word, and the row of our table where one stands behind it. */
export interface Why {
  readonly info: string;
  readonly code?: ErrorCode;
}

export const whyOf = (code: ErrorCode): Why => ({ info: errorTable[code].info, code });

/** Clients that name none are from before there were others. */
export const providers: ReadonlySet<string> = new Set(['', 'WebRTC', 'MSE']);

/** Than its player was told of. */
export function hasOtherTracks({ media, toldMedia }: Play): boolean {
  if (media === null || toldMedia === null) return false;
  return (media.video === null) !== (toldMedia.video === null) || (media.audio === null) !== (toldMedia.audio === null);
}

export function describe(
  { mediaSessionId, name, media, mediaProvider }: Play,
  status: WcsStatusEvent['status'],
  why?: Why,
): WcsStatusEvent {
  // What plays may lack a track: the page learns why.
  const [missing] = status === 'PLAYING' ? (media?.missing ?? []) : [];
  const code = why?.code ?? missing?.code;
  return {
    mediaSessionId,
    name,
    published: false,
    // The client's own request has both true (docs/wcs.md 3.3), and so has the answer until the media is known.
    hasVideo: media === null || media.video !== null,
    hasAudio: media === null || media.audio !== null,
    status,
    mediaProvider,
    record: false,
    ...(why === undefined ? {} : { info: why.info }),
    ...(code === undefined ? {} : { reason: { code, text: errorTable[code].text } }),
    ...(media?.video ? { videoCodec: media.video.codec, width: media.video.width, height: media.video.height } : {}),
    ...(media?.audio ? { audioCodec: media.audio.codec } : {}),
  };
}

export function readOffer(sdp: string): Offer | null {
  try {
    return parseOffer(sdp);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** Without its UDP candidates (RFC 8839 5.1), unless there are no others. */
export function tcpOnly(sdp: string): string {
  const without = sdp.replace(/^a=candidate:\S+ \d+ udp .*\r?\n/gim, '');
  return /^a=candidate:/m.test(without) ? without : sdp;
}

export const payloadOf = ({ name, values, timestampMs }: WcsData) => ({ name, values, timestampMs });
