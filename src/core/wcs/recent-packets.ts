/** What a new player is sent first: the setup, and the packets since the newest keyframe with the audio that goes with them. */
import { isSame, type MediaPacket, type PacketMessage, type PacketSetup, stamp } from './media-packet.js';

/** Of a stream without video: what the player buffers before it begins (2 s), at the usual 21 to 23 ms a packet. */
const keptAudio = 100;
/**
 * The player begins when it has 2 s of media, with the first of them. What is older would stay its delay for good: those frames get
 * stamps so close to each other that they are decoded and not seen.
 */
const leadMs = 2200;

export class RecentPackets {
  readonly #maxBytes: number;
  #setup: PacketSetup | null = null;
  #packets: MediaPacket[] = [];
  #bytes = 0;

  /** Beyond `maxBytes` nothing is kept until the next keyframe. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get setup(): PacketSetup | null {
    return this.#setup;
  }

  /** Begins with a keyframe; of a stream without video with audio. Empty where there is no place to begin. */
  get packets(): readonly MediaPacket[] {
    const [first] = this.#packets;
    const isWhole = first?.isKeyframe === true || (this.#setup !== null && this.#setup.video === null);
    return isWhole ? this.#packets : [];
  }

  add(message: PacketMessage): void {
    if (message.kind === 'setup') {
      // Packets go together with the video's setup alone.
      if (!isSame(message.video, this.#setup?.video ?? null)) this.#keep([]);
      this.#setup = message;
    } else if (this.#setup?.video === null) this.#keep([...this.#packets.slice(1 - keptAudio), message]);
    else if (message.isKeyframe) {
      const ofIt = this.#packets.filter(({ track, atMs }) => track === 'audio' && atMs >= message.atMs);
      this.#keep([message, ...ofIt]);
    } else this.#append(message);
  }

  #append(message: MediaPacket): void {
    // Nothing can be made of further frames where the keyframe was not kept.
    if (message.track === 'video' && this.#packets[0]?.isKeyframe !== true) return;
    this.#packets.push(message);
    this.#bytes += message.data.length;
    if (this.#bytes > this.#maxBytes) this.#keep([]);
  }

  #keep(packets: MediaPacket[]): void {
    this.#packets = packets;
    this.#bytes = packets.reduce((sum, { data }) => sum + data.length, 0);
  }
}

/**
 * The player begins where audio is no more than 50 ms behind its first setup of video. A stream that nobody played kept none: its
 * frames from before the first audio are decoded and not seen too.
 */
const audioBehindMs = 40;

/**
 * Setup and packets in one, for a new player at the live edge; null where it cannot begin: without a keyframe, or before audio
 * that is to come. The packets are stamped.
 */
export function startOf({ setup, packets }: Pick<RecentPackets, 'setup' | 'packets'>): Uint8Array | null {
  const last = packets.at(-1);
  if (setup === null || last === undefined) return null;
  const fromMs = beginningOf(setup, packets, last.atMs);
  if (fromMs === null) return null;
  const stepMs = Math.min(1, (last.atMs - fromMs) / packets.length);
  const placed = packets.flatMap(({ track, data, atMs }, n) => {
    if (track === 'audio') return atMs < fromMs ? [] : [{ data, atMs }];
    return [{ data, atMs: Math.max(atMs, fromMs + Math.floor(n * stepMs)) }];
  });
  const setups = [setup.video, setup.audio].flatMap((data) => (data === null ? [] : [{ data, atMs: fromMs }]));
  return joined([...setups, ...placed]);
}

/** The timestamp of what is seen first. */
function beginningOf(setup: PacketSetup, packets: readonly MediaPacket[], lastMs: number): number | null {
  const [first] = packets;
  if (first === undefined) return null;
  const fromMs = Math.max(first.atMs, lastMs - leadMs);
  if (setup.audio === null) return fromMs;
  const heard = packets.find(({ track, atMs }) => track === 'audio' && atMs >= fromMs);
  return heard === undefined ? null : Math.max(fromMs, heard.atMs - audioBehindMs);
}

function joined(packets: readonly Pick<MediaPacket, 'data' | 'atMs'>[]): Uint8Array {
  const bytes = new Uint8Array(packets.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data, atMs } of packets) {
    bytes.set(data, at);
    stamp(bytes, atMs, at);
    at += data.length;
  }
  return bytes;
}
