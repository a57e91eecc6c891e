/** The session of a viewer as it is asked for, given and listed. Types only. */
import type { JoinAnswer } from '../../actors/contract.js';
import type { VideoWish } from '../core/codec/video-encoding.js';
import type { ViewerAlert } from '../core/diagnosis/viewer-alerts.js';
import type { Offer } from '../core/sdp/offer.js';
import type { PlayedMedia } from '../core/sdp/played-media.js';
import type { ReceivedReport } from '../core/whep/playback-report.js';
import type { ErrorCode } from '../errors.js';
import type { SourceData } from './data-ring.js';

/** The names of a play in WCS signalling, and the way that it asked for. */
export interface SignalledIds {
  /** Made up by the client. */
  readonly mediaSessionId: string;
  /** That of the signalling session, `authToken` of its getUserData. */
  readonly sessionId: string;
  /** It is given candidates of TCP alone. */
  readonly isTcpOnly: boolean;
}

/** A viewer as lists show it. */
export interface ViewerInfo {
  readonly viewerId: string;
  readonly pullId: string;
  /** What it plays: a local name, or an address, credentials masked as `***`. */
  readonly name: string;
  /** Null for WHEP. */
  readonly signalled: SignalledIds | null;
  /** In WCS's words; MSE: it is sent packets or fragments by WebSocket. */
  readonly mediaProvider: 'WebRTC' | 'MSE' | 'HLS';
  /** Its media flows. */
  readonly isConnected: boolean;
  readonly media: PlayedMedia;
  readonly wish: VideoWish | null;
  readonly createdAtMs: number;
  readonly clientIp: string;
  /** The User-Agent of its browser; empty: not told. */
  readonly userAgent: string;
  /** What its player told last; null: nothing yet, or it is not ours. */
  readonly report: ReceivedReport | null;
  /** Of fragments, so far; null: what it is sent is counted elsewhere (StreamStats). */
  readonly bytesSent: number | null;
}

/** What is to be played. */
export interface PlayRequest {
  /** A local name, or an rtmp:// or rtmps:// uri, which is pulled on demand when there is no pull of it. */
  readonly name: string;
  /** The pull that is meant, whatever it is named here; absent: the one of this name. */
  readonly pullId?: string;
  /** The remote address of who plays, for limits. */
  readonly clientIp: string;
}

export interface ViewRequest extends PlayRequest {
  readonly offer: Offer;
  /** A size or bitrate that the viewer asks for; absent or null: the video of the source. */
  readonly wish?: VideoWish | null;
  /** The User-Agent of its browser, for lists; absent: not told. */
  readonly userAgent?: string;
  /** As a client of WCS signalling knows the stream; absent for WHEP. */
  readonly signalled?: SignalledIds;
  /** Called once, when the viewer's media flows. */
  readonly onConnected: () => void;
  /** The source was lost, for this reason, and the session waits for it; null: its media flows again. */
  readonly onSourceChanged?: (lost: ErrorCode | null) => void;
  /** What the viewer plays has changed, its size for example. */
  readonly onMedia?: (media: PlayedMedia) => void;
  /** Called each second while its media flows: what it was sent of video, in bit/s. */
  readonly onVideoRate?: ((bps: number) => void) | undefined;
  /** REST sends this to everybody who plays the stream. */
  readonly onEvent?: (payload: unknown) => void;
  /** What is wrong with the stream has changed. */
  readonly onAlerts?: (alerts: readonly ViewerAlert[]) => void;
  /** The source sent a data message: captions, cue points, metadata. */
  readonly onData?: (data: SourceData) => void;
  /**
   * Called once when the session has ended, if `view` has given one. null: the viewer or its pull was terminated by REST, or the
   * pull was idle. server.draining: shutdown. source.ended, stream.failed: the source ended or was lost otherwise, and was away for
   * viewers.sourceGraceMs. actor.dead: the stream's thread ended. source.*: why the source was given up. viewer.*: why the session
   * itself ended.
   */
  readonly onEnded: (reason: ErrorCode | null) => void;
  /** The viewer's bandwidth is too low for the source's video: it is sent a rendition instead. Both in kbit/s. */
  readonly onLowered?: (sourceKbps: number, estimateKbps: number) => void;
}

export interface View extends Omit<JoinAnswer, 'media'> {
  readonly media: PlayedMedia;
  /** Identifies the session: 128 random bits in hexadecimal, not guessable. */
  readonly viewerId: string;
  readonly localName: string;
}

/** A player of the fragments of a stream that are taken already (`watchFragments`). */
export interface FragmentViewRequest extends Pick<ViewRequest, 'name' | 'clientIp' | 'userAgent' | 'onEnded'> {
  /** Of the watch. */
  readonly pullId: string;
  readonly mediaProvider: 'MSE' | 'HLS';
  readonly bytesSent: () => number;
}

/** Of packets: which stream, and what of a wish is met. */
export interface PacketRequest extends PlayRequest {
  readonly wish: VideoWish | null;
}

export interface PacketView extends Pick<View, 'viewerId' | 'media'> {
  readonly wish: VideoWish | null;
  /** It is being sent packets: `onConnected` is called. */
  connected(): void;
}
