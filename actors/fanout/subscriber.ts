/**
 * One viewer as the fan-out sees it: keys, a path to it, and a cursor for each of its tracks.
 *
 * A track reads the stream's RTP history at its cursor. Its sequence numbers run on without a gap wherever the cursor is
 * moved to, and its SRTP index never repeats for another packet (RFC 3711 9.1).
 */
import type { LookUpSent } from '../../src/core/bandwidth/feedback-adapter.js';
import type { RateLimits } from '../../src/core/bandwidth/rate-limits.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { UdpRoute } from '../transport/route.js';
import type { SessionNumbers, TrackCounts } from './session-numbers.js';

export type TrackKind = 'audio' | 'video';

export interface FanoutTrack {
  readonly ssrc: number;
  /** 0 to 127. */
  readonly payloadType: number;
  /** Packets are sent again in a stream of their own (RFC 4588); null: as they were. */
  readonly rtx: { readonly ssrc: number; readonly payloadType: number } | null;
}

/** Transport-wide congestion control numbers every packet, audio too: the feedback must cover all that was sent. */
export interface TwccOptions {
  /** Of the header extension, 1 to 14 (RFC 8285 4.2). */
  readonly id: number;
  /** Between which an estimate of what the viewer can receive is of use. */
  readonly limits: () => RateLimits;
}

export interface SubscriberOptions {
  readonly keys: SrtpKeys;
  /** Kept up to date with every packet. Where it knows numbers that were used, the subscriber goes on behind them. */
  readonly numbers: SessionNumbers;
  /** One datagram to the viewer; false: not taken. */
  readonly send: (datagram: Uint8Array) => boolean;
  /** The path that `send` takes now; null: not by UDP. */
  readonly route: () => UdpRoute | null;
  /** Null: the viewer takes no such track. */
  readonly audio: FanoutTrack | null;
  readonly video: FanoutTrack | null;
  /** Null: packets have no transport-wide numbers. */
  readonly twcc: TwccOptions | null;
  /** `Fanout.serve` could not send a datagram of this track: the socket's queue is full. */
  readonly onBlocked: (track: TrackKind) => void;
}

export interface TrackState {
  readonly cursor: number;
  readonly held: boolean;
  /** The extended sequence number since which it was sent one packet of this history after the other; null: not known. */
  readonly since: number | null;
}

/** Where a viewer stands, for another fan-out of its thread to continue; its numbers are in its options. */
export interface SubscriberState {
  readonly tracks: Readonly<Record<TrackKind, TrackState | null>>;
}

export interface SubscriberTrack {
  readonly ssrc: number;
  /** The packet of the history that is sent next. */
  readonly cursor: number;
  readonly counts: TrackCounts;
  seek(packet: number): void;
  /** A held track is left out by `Fanout.serve`; its own `serve` still sends it. */
  hold(held: boolean): void;
  /** Sends at most `maxPackets` from the cursor on; false when a datagram was not taken. */
  serve(maxPackets: number): boolean;
  /**
   * Sends packets again, by their RTP sequence numbers (16 bits): as RTX where the track has it, else as they were. Gives how
   * many of them the history still had.
   */
  resend(sequences: readonly number[]): number;
}

export interface Subscriber {
  /** Null: the viewer takes no such track. */
  readonly audio: SubscriberTrack | null;
  readonly video: SubscriberTrack | null;
  /** What was sent under these transport-wide numbers; null for each that is not known any more. */
  readonly lookUpSent: LookUpSent;
  /** Protects and sends one RTCP packet; false when it was not taken. */
  sendRtcp(packet: Uint8Array): boolean;
  /** `route` of its options has changed. Returns the subscriber to use from now on, which may be another one. */
  rerouted(): Subscriber;
  /** Leaves the fan-out and returns where it stands. Nothing may be called afterwards. */
  take(): SubscriberState;
}
