/**
 * The timestamps of one packet stream, for all who are sent it: they begin near 0 and never run back, whatever becomes of the
 * stream's thread.
 */
import { type MediaPacket, type PacketMessage, stamp } from './media-packet.js';

/** Audio of a first keyframe may be somewhat before it. */
const firstMs = 1000;

export class PacketClock {
  #baseMs: number | null = null;
  readonly #last = { video: -1, audio: -1 };

  /** The packet with its timestamp; null: it is left out, as audio that was sent before. */
  stamp(message: PacketMessage): PacketMessage | null {
    return message.kind === 'setup' ? message : this.#stampPacket(message);
  }

  #stampPacket({ kind, track, data, isKeyframe, atMs }: MediaPacket): MediaPacket | null {
    this.#baseMs ??= atMs - firstMs;
    const last = this.#last[track];
    const ownMs = Math.max(0, Math.round(atMs - this.#baseMs));
    // Every frame of video is needed by the next one.
    if (track === 'audio' && ownMs <= last) return null;
    const timestampMs = Math.max(ownMs, last + 1);
    this.#last[track] = timestampMs;
    stamp(data, timestampMs);
    return { kind, track, data, isKeyframe, atMs: timestampMs };
  }
}
