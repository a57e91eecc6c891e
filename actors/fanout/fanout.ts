/**
 * The fan-out: from the packets of one stream, made once, to datagrams for each viewer. This is the interface that
 * every implementation has; how viewers join, fall behind and catch up is the distributor's business.
 *
 * A viewer's track reads the stream's RTP history at a cursor. Its sequence numbers run on without a gap wherever the
 * cursor is moved to; its SRTP index never repeats for another packet.
 */
import type { LookUpSent } from '../../src/core/bandwidth/feedback-adapter.js';
import type { RateLimits } from '../../src/core/bandwidth/rate-limits.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { DatagramCounts } from '../stats.js';
import type { UdpRoute } from '../transport/route.js';
import type { RtcpChannel } from './rtcp-channel.js';

export type TrackKind = 'audio' | 'video';

export interface FanoutTrack {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Packets are sent again in a stream of their own (RFC 4588); null: as they were. */
  readonly rtx: { readonly ssrc: number; readonly payloadType: number } | null;
}

export interface FanoutViewer {
  readonly viewerId: string;
  readonly keys: SrtpKeys;
  /** One datagram to the viewer; false when it was not taken. */
  readonly send: (datagram: Uint8Array) => boolean;
  /** Where `send` goes now; null: not by UDP. */
  readonly route: () => UdpRoute | null;
  /** Null: the viewer takes no such track. */
  readonly audio: FanoutTrack | null;
  readonly video: FanoutTrack | null;
  /** Null: packets have no transport-wide numbers. */
  readonly transport: TransportNumbers | null;
}

/** Every packet has its transport-wide number: of audio too, or what the viewer tells would not be all it was sent. */
export interface TransportNumbers {
  /** Of the header extension, 1 to 14. */
  readonly id: number;
  /** Between which an estimate of what the viewer can take is of use. */
  readonly limits: () => RateLimits;
}

export interface TrackCounts {
  readonly packets: number;
  /** Payload only, as sender reports count (RFC 3550 6.4.1). */
  readonly octets: number;
  readonly resent: number;
}

/** How far a viewer's track has come. */
export interface TrackState {
  readonly cursor: number;
  /** Extended sequence number of the packet at the cursor. */
  readonly extended: number;
  /** Extended sequence number of the next packet of the RTX stream; null without one. */
  readonly rtxExtended: number | null;
  readonly held: boolean;
  readonly counts: TrackCounts;
}

/** How far a viewer has come: carried along when another fan-out goes on with it, so that no index is used twice. */
export interface ViewerState {
  readonly rtcp: RtcpChannel;
  /** The next transport-wide number, whether or not packets have one now. */
  readonly transportNext: number;
  readonly tracks: Readonly<Record<TrackKind, TrackState | null>>;
}

export interface Fanout {
  readonly kind: 'js' | 'native';
  /** The cursors start at the ends of the histories, or go on as `state` says. */
  add(viewer: FanoutViewer, state?: ViewerState): void;
  remove(viewerId: string): void;
  /** Forgets the viewer, and tells how far it has come; null for an unknown one. */
  take(viewerId: string): ViewerState | null;
  /** The viewer's route has changed. */
  rerouted(viewerId: string): void;
  /** Where the track reads next; null for an unknown viewer or a track that it does not take. */
  cursor(viewerId: string, track: TrackKind): number | null;
  seek(viewerId: string, track: TrackKind, packet: number): void;
  /** A held track is left out by `serve`; `serveOne` still sends it. */
  hold(viewerId: string, track: TrackKind, held: boolean): void;
  /**
   * Sends every viewer from its cursor to packet `end` of the history, exclusive, beginning with viewer number `from`, until
   * all are served or `budgetMs` is used up. Gives the number of the viewer to go on with, or null when all are served.
   * `onBlocked` is told of a viewer whose datagram was not taken.
   */
  serve(
    track: TrackKind,
    from: number,
    end: number,
    budgetMs: number,
    onBlocked: (viewerId: string) => void,
  ): number | null;
  /** Sends one viewer at most `maxPackets` from its cursor; false when a datagram was not taken. */
  serveOne(viewerId: string, track: TrackKind, maxPackets: number): boolean;
  /** Sends packets again, by their RTP sequence numbers: as RTX where the track has it, else as they were. Gives how many the history still had. */
  resend(viewerId: string, track: TrackKind, sequences: readonly number[]): number;
  /** What was sent to the viewer under these transport-wide numbers; what it does not know any more is null. */
  lookUpSent(viewerId: string, ...numbers: Parameters<LookUpSent>): ReturnType<LookUpSent>;
  /** Protects and sends one RTCP packet. */
  sendRtcp(viewerId: string, packet: Uint8Array): boolean;
  /** Null for what is not authentic, came before, or comes for an unknown viewer. */
  openRtcp(viewerId: string, packet: Uint8Array): Uint8Array | null;
  counts(viewerId: string, track: TrackKind): TrackCounts;
  /** Of all viewers, those that left included; still there after `close`. */
  readonly datagrams: DatagramCounts;
  close(): void;
}

export type CreateFanout = (histories: { readonly audio: PacketReader; readonly video: PacketReader }) => Fanout;
