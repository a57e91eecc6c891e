/** One track of a subscriber that the add-on serves. The add-on counts from where it took the track over. */
import { randomInt } from 'node:crypto';
import { maxFirstSequence } from '../../src/core/rtp/header.js';
import type { NativeFanout } from './native-binding.js';
import { kindNumbers, type NativeHistories } from './native-histories.js';
import {
  type FanoutTrack,
  noCounts,
  type SubscriberTrack,
  type TrackCounts,
  type TrackKind,
  type TrackState,
} from './subscriber.js';

const maxPackets = 2 ** 40;
/** Packets, octets, resent, the next number of the RTX stream: read and used up at once. */
const numbers = new Float64Array(4);

export class NativeTrack implements SubscriberTrack {
  readonly ssrc: number;
  readonly #native: NativeFanout;
  readonly #histories: NativeHistories;
  readonly #slot: number;
  readonly #kind: TrackKind;
  readonly #number: 0 | 1;
  readonly #firstExtended: number;
  readonly #hasRtx: boolean;
  readonly #countsBefore: TrackCounts;
  #held: boolean;

  constructor(
    native: NativeFanout,
    histories: NativeHistories,
    slot: number,
    kind: TrackKind,
    track: FanoutTrack,
    state: TrackState | null,
  ) {
    this.ssrc = track.ssrc;
    this.#native = native;
    this.#histories = histories;
    this.#slot = slot;
    this.#kind = kind;
    this.#number = kindNumbers[kind];
    this.#firstExtended = state?.extended ?? randomInt(maxFirstSequence);
    this.#hasRtx = track.rtx !== null;
    this.#countsBefore = state?.counts ?? noCounts;
    this.#held = state?.held ?? false;
    const cursor = state?.cursor ?? histories.endOf(kind);
    native.setTrack(slot, this.#number, track.ssrc, track.payloadType, this.#firstExtended, cursor);
    if (track.rtx !== null) {
      const { ssrc, payloadType } = track.rtx;
      native.setRtx(slot, this.#number, ssrc, payloadType, state?.rtxExtended ?? randomInt(maxFirstSequence));
    }
    if (this.#held) native.hold(slot, this.#number, 1);
  }

  get cursor(): number {
    return this.#native.cursor(this.#slot, this.#number);
  }

  get counts(): TrackCounts {
    this.#native.counts(this.#slot, this.#number, numbers);
    const [packets = 0, octets = 0, resent = 0] = numbers;
    const before = this.#countsBefore;
    return { packets: before.packets + packets, octets: before.octets + octets, resent: before.resent + resent };
  }

  get state(): TrackState {
    const { cursor, counts } = this;
    const [packets = 0, , , rtxExtended = 0] = numbers;
    return {
      cursor,
      extended: this.#firstExtended + packets,
      rtxExtended: this.#hasRtx ? rtxExtended : null,
      held: this.#held,
      counts,
    };
  }

  seek(packet: number): void {
    this.#native.seek(this.#slot, this.#number, packet);
  }

  hold(held: boolean): void {
    if (this.#held === held) return;
    this.#held = held;
    this.#native.hold(this.#slot, this.#number, held ? 1 : 0);
  }

  serve(most: number): boolean {
    const { first, end } = this.#histories.attach(this.#kind);
    return this.#native.serveOne(this.#number, first, end, this.#slot, Math.min(maxPackets, most));
  }

  resend(sequences: readonly number[]): number {
    const { first, end } = this.#histories.attach(this.#kind);
    return this.#native.resend(this.#number, first, end, this.#slot, Uint16Array.from(sequences));
  }
}
