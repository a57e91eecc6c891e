/** What goes into a WCS session's machine and what comes out. Types only. */
import type { ErrorCode } from '../../errors.js';
import type { VideoWish } from '../codec/video-encoding.js';
import type { Offer } from '../sdp/offer.js';
import type { PlayedMedia } from '../sdp/played-media.js';
import type { WcsData, WcsFrame } from './frame.js';
import type { HookFields, HookMethod } from './hook-policy.js';

export interface WcsSettings {
  readonly authToken: string;
  /** A play that is not connected by then has failed: the SDK's stop() waits for ever on one that stays PENDING. */
  readonly startTimeoutMs: number;
  /** Plays of one session at the same time. */
  readonly maxPlays: number;
  /** The Origin header of the page; empty without one. */
  readonly origin: string;
  /** Null: no application has hooks. */
  readonly hooks: HookSettings | null;
}

export interface HookSettings {
  /** Names this server to back ends. */
  readonly nodeId: string;
  /** By application key; false: it has no back end, and its sessions are let in. An application that is missing is refused. */
  readonly apps: ReadonlyMap<string, boolean>;
  /** Between two StreamKeepAliveEvent of a stream; 0: none. */
  readonly keepAliveMs: number;
  readonly keepAliveAppKeys: ReadonlySet<string>;
}

/** `play` is the machine's own number of a play, as its output `view` gave it. */
export type WcsInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' }
  /** At least four times a second. */
  | { readonly kind: 'tick' }
  | ViewAnswered
  /** `elsewhere`: the signalling that has the stream; absent: none is known. */
  | { readonly kind: 'view.failed'; readonly play: number; readonly code: ErrorCode; readonly elsewhere?: string }
  | { readonly kind: 'view.connected'; readonly play: number }
  /** It goes on with less than the source sends; both in kbit/s. */
  | {
      readonly kind: 'view.lowered';
      readonly play: number;
      readonly sourceKbps: number;
      readonly estimateKbps: number;
    }
  /** What it plays has changed. */
  | { readonly kind: 'view.media'; readonly play: number; readonly media: PlayedMedia }
  /** What was sent to it of video in the last second. */
  | { readonly kind: 'view.rate'; readonly play: number; readonly videoBps: number }
  /** Its source was lost, for this reason, and is waited for; null: media flows again. */
  | { readonly kind: 'view.source'; readonly play: number; readonly lost: ErrorCode | null }
  /** REST sends this to everybody who plays the stream. */
  | { readonly kind: 'view.event'; readonly play: number; readonly payload: unknown }
  /** The stream's source said something beside audio and video. */
  | { readonly kind: 'view.data'; readonly play: number; readonly data: WcsData }
  /** A null code: terminated by REST. */
  | { readonly kind: 'view.ended'; readonly play: number; readonly code: ErrorCode | null }
  /** The answer to `find`: null when the stream can be played. */
  | { readonly kind: 'found'; readonly mediaSessionId: string; readonly code: ErrorCode | null }
  /** The answer to `snapshot`: a PNG in base64, or why there is none. */
  | { readonly kind: 'snapshot.taken'; readonly mediaSessionId: string; readonly png: string }
  | { readonly kind: 'snapshot.failed'; readonly mediaSessionId: string; readonly code: ErrorCode }
  /** The client has opened a socket for media, which is known by this number. */
  | { readonly kind: 'media.opened'; readonly socket: number }
  /** No more media of this play goes out: the socket for it is gone, or the stream is over. */
  | { readonly kind: 'media.over'; readonly play: number; readonly code: ErrorCode }
  /** What the back end said to `hook`. */
  | { readonly kind: 'hooked'; readonly call: number; readonly answer: HookAnswer }
  /** The socket is gone. */
  | { readonly kind: 'closed' };

export interface HookAnswer {
  /** Null: there was no answer, for the reason in `error`. */
  readonly status: number | null;
  /** Parsed; undefined for what is no JSON. */
  readonly body: unknown;
  readonly error: string;
}

/** What becomes of a play. */
export type PlayNews = Extract<WcsInput, { readonly play: number }>;

export interface ViewAnswered {
  readonly kind: 'view.answered';
  readonly play: number;
  readonly viewerId: string;
  readonly answerSdp: string;
  readonly media: PlayedMedia;
}

export type WcsOutput =
  | { readonly kind: 'send'; readonly frame: WcsFrame }
  /** The socket is to be closed; nothing more is sent. */
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | {
      readonly kind: 'view';
      readonly play: number;
      readonly mediaSessionId: string;
      readonly name: string;
      readonly offer: Offer;
      readonly wish: VideoWish | null;
      /** It asked to be reached by TCP alone. */
      readonly isTcpOnly: boolean;
      /** By which it may play; empty: that of the session counts. */
      readonly token: string;
    }
  /** As `view`, by the MSE provider: no offer is to be answered, and the media goes by a socket of its own. */
  | {
      readonly kind: 'view.packets';
      readonly play: number;
      readonly mediaSessionId: string;
      readonly name: string;
      readonly wish: VideoWish | null;
      readonly token: string;
    }
  /** This socket is one for media, of the session with this token. */
  | { readonly kind: 'media'; readonly authToken: string }
  /** The media of this play is to go to this socket. */
  | { readonly kind: 'media.feed'; readonly play: number; readonly viewerId: string; readonly socket: number }
  /** This socket is of no use any more. */
  | { readonly kind: 'media.close'; readonly socket: number }
  | { readonly kind: 'leave'; readonly viewerId: string }
  /** To be posted to the back end of this application. */
  | {
      readonly kind: 'hook';
      readonly call: number;
      readonly appKey: string;
      readonly method: HookMethod;
      readonly body: HookFields;
    }
  /** Of the stream with this name, whether the client plays it or not. */
  | { readonly kind: 'snapshot'; readonly mediaSessionId: string; readonly name: string; readonly token: string }
  | { readonly kind: 'find'; readonly mediaSessionId: string; readonly name: string }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn';
      readonly event: string;
      readonly fields: Readonly<Record<string, string | number>>;
    };

export type Emit = (...outputs: readonly WcsOutput[]) => void;
