/** The RTP histories of a stream as the add-on reads them: it gets their memory, and the new memory when they have grown. */
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { Histories } from './fanout.js';
import type { NativeFanout } from './native-binding.js';
import type { TrackKind } from './subscriber.js';

export const kindNumbers = { audio: 0, video: 1 } as const;

export class NativeHistories {
  readonly #native: NativeFanout;
  readonly #histories: Histories;
  readonly #attached: Record<TrackKind, PacketReader['memory'] | null> = { audio: null, video: null };

  constructor(native: NativeFanout, histories: Histories) {
    this.#native = native;
    this.#histories = histories;
  }

  endOf(kind: TrackKind): number {
    return this.#histories[kind].end;
  }

  /** A history's memory moves when it grows. */
  attach(kind: TrackKind): PacketReader {
    const history = this.#histories[kind];
    if (this.#attached[kind] !== history.memory) {
      const { arena, offsets, lengths, rtpTs, flags, shared } = history.memory;
      this.#native.attach(kindNumbers[kind], arena, offsets, lengths, rtpTs, flags, shared);
      this.#attached[kind] = history.memory;
    }
    return history;
  }
}
