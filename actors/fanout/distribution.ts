/** Types only: what is sent to all subscriptions of one distributor, and by which clocks. */
import type { WriteSenderReport } from '../../src/core/rtcp/sender-report.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { Fanout } from './fanout.js';
import type { TrackKind } from './subscriber.js';

/** What all subscriptions of one distributor have in common. */
export interface Distribution {
  readonly fanout: Fanout;
  readonly audioHistory: PacketReader;
  readonly audioClockHz: number;
  readonly videoHistory: PacketReader;
  /** It is that of the source's own encoding. */
  readonly isSourceVideo: boolean;
  /** How long a burst of 120 packets takes (media.joinPaceMs). */
  readonly joinPaceMs: number;
  /** Whether a new viewer gets the cached GOP, or waits for the next keyframe. */
  readonly catchUp: 'gop' | 'keyframe-only';
  readonly writeReport: WriteSenderReport;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** UTC, steady: a step of the machine's clock must not show in sender reports. */
  readonly wallMs: () => number;
  /** The track's RTP time at that moment of UTC; null while nothing is known of it. One clock for both tracks. */
  readonly rtpTimeAt: (track: TrackKind, wallMs: number) => number | null;
  /** True when the sockets have room again. */
  readonly hasRoom: () => boolean;
}
