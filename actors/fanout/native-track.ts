/** One track of a subscriber that the add-on serves. The add-on writes its numbers. */
import type { NativeFanout } from './native-binding.js';
import { kindNumbers, type NativeHistories } from './native-histories.js';
import { countsOf, nextOf, sinceOf, type TrackCounts, trackWord } from './session-numbers.js';
import type { FanoutTrack, SubscriberTrack, TrackKind, TrackState } from './subscriber.js';

const maxPackets = 2 ** 40;

/** Where the track is to the add-on. */
export interface NativePlace {
  readonly native: NativeFanout;
  readonly histories: NativeHistories;
  readonly slot: number;
  readonly kind: TrackKind;
  /** Its words of the session's, which the add-on writes. */
  readonly numbers: Float64Array;
}

export class NativeTrack implements SubscriberTrack {
  readonly ssrc: number;
  readonly #native: NativeFanout;
  readonly #histories: NativeHistories;
  readonly #slot: number;
  readonly #kind: TrackKind;
  readonly #number: 0 | 1;
  readonly #numbers: Float64Array;
  #held: boolean;

  constructor({ native, histories, slot, kind, numbers }: NativePlace, track: FanoutTrack, state?: TrackState | null) {
    this.ssrc = track.ssrc;
    this.#native = native;
    this.#histories = histories;
    this.#slot = slot;
    this.#kind = kind;
    this.#number = kindNumbers[kind];
    this.#numbers = numbers;
    this.#held = state?.held ?? false;
    const cursor = state?.cursor ?? histories.endOf(kind);
    const first = nextOf(numbers, trackWord.extended);
    native.setTrack(slot, this.#number, track.ssrc, track.payloadType, first, cursor, state?.since ?? first);
    if (track.rtx !== null) {
      const { ssrc, payloadType } = track.rtx;
      native.setRtx(slot, this.#number, ssrc, payloadType, nextOf(numbers, trackWord.rtxExtended));
    }
    if (this.#held) native.hold(slot, this.#number, 1);
  }

  get cursor(): number {
    return this.#native.cursor(this.#slot, this.#number);
  }

  get counts(): TrackCounts {
    return countsOf(this.#numbers);
  }

  get state(): TrackState {
    return { cursor: this.cursor, held: this.#held, since: sinceOf(this.#numbers) };
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
