/** One viewer whose packets are read: numbers checked one by one, the last packet of each frame and all audio opened. */
import type { SrtpSession } from 'werift';
import { readStamp, rtpTicksPerFrame } from './load.js';

const headerBytes = 12;
const videoType = 102;

export interface KeyTimes {
  firstNs: bigint;
  lastNs: bigint;
}

export interface Reader {
  take(datagram: Buffer): void;
  /** Forgets what it counted. */
  reset(): void;
  readonly received: number;
  readonly lost: number;
  readonly repeated: number;
  readonly opened: number;
  readonly frameMs: readonly number[];
  readonly audioDelays: readonly { readonly atNs: bigint; readonly ms: number }[];
  /** Number of the newest frame packet in the sender's log. */
  readonly newestPacket: number;
  /** What of the sequence number is beyond the packet's number in the log. */
  readonly offset: number;
}

/** `keys`: when keyframes were seen, by RTP time, of all readers. */
export function createReader(srtp: SrtpSession, keyEvery: number, keys: Map<number, KeyTimes>): Reader {
  let next: Record<string, number> = {};
  let counts = { received: 0, lost: 0, repeated: 0, opened: 0 };
  let frameMs: number[] = [];
  let audioDelays: { atNs: bigint; ms: number }[] = [];
  let newestPacket = 0;
  let offset = 0;

  /** False for a packet that came before: it was asked for again. */
  const isNew = (track: string, sequence: number): boolean => {
    const ahead = (sequence - (next[track] ?? sequence) + 0x1_0000) % 0x1_0000;
    if (ahead >= 0x8000) {
      counts.repeated += 1;
      return false;
    }
    counts.lost += ahead;
    next[track] = (sequence + 1) % 0x1_0000;
    return true;
  };

  const seeKey = (timestamp: number, nowNs: bigint): void => {
    const times = keys.get(timestamp) ?? { firstNs: nowNs, lastNs: nowNs };
    times.lastNs = nowNs;
    keys.set(timestamp, times);
  };

  const open = (datagram: Buffer): ReturnType<typeof readStamp> => {
    const payload = srtp.decrypt(datagram).subarray(headerBytes);
    counts.opened += 1;
    return readStamp(payload);
  };

  return {
    take(datagram) {
      const nowNs = process.hrtime.bigint();
      const type = datagram.readUInt8(1) & 0x7f;
      // RTCP (RFC 5761 4).
      if (type >= 64 && type < 96) return;
      const isVideo = type === videoType;
      const sequence = datagram.readUInt16BE(2);
      counts.received += 1;
      if (!isNew(isVideo ? 'video' : 'audio', sequence)) return;
      if (!isVideo) {
        const { atNs } = open(datagram);
        audioDelays.push({ atNs, ms: Number(nowNs - atNs) / 1e6 });
        return;
      }
      const timestamp = datagram.readUInt32BE(4);
      const isKey = keyEvery > 0 && (timestamp / rtpTicksPerFrame) % keyEvery === 0;
      if (isKey) seeKey(timestamp, nowNs);
      if ((datagram.readUInt8(1) & 0x80) === 0) return;
      const { atNs, packet } = open(datagram);
      newestPacket = packet;
      offset = sequence - packet;
      if (!isKey) frameMs.push(Number(nowNs - atNs) / 1e6);
    },
    reset() {
      next = {};
      counts = { received: 0, lost: 0, repeated: 0, opened: 0 };
      frameMs = [];
      audioDelays = [];
    },
    get received() {
      return counts.received;
    },
    get lost() {
      return counts.lost;
    },
    get repeated() {
      return counts.repeated;
    },
    get opened() {
      return counts.opened;
    },
    get frameMs() {
      return frameMs;
    },
    get audioDelays() {
      return audioDelays;
    },
    get newestPacket() {
      return newestPacket;
    },
    get offset() {
      return offset;
    },
  };
}
