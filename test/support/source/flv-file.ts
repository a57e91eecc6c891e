import { spawnSync } from 'node:child_process';

export interface FlvTag {
  readonly track: 'audio' | 'video' | 'data';
  readonly timestampMs: number;
  readonly body: Uint8Array;
}

/** What ffmpeg makes of these arguments as FLV, cut into tags. */
export function encodeFlv(args: readonly string[]): FlvTag[] {
  const ran = spawnSync('ffmpeg', ['-v', 'error', ...args, '-f', 'flv', 'pipe:1'], { maxBuffer: 1 << 28 });
  if (ran.status !== 0) throw new Error(`ffmpeg: ${ran.stderr}`);
  return cutFlv(ran.stdout);
}

/** The tags of an FLV file (Adobe FLV 10.1, Annex E.4.1). */
export function cutFlv(bytes: Buffer): FlvTag[] {
  const tags: FlvTag[] = [];
  for (let at = bytes.readUInt32BE(5) + 4; at + 11 <= bytes.length; ) {
    const size = bytes.readUIntBE(at + 1, 3);
    const type = bytes.readUInt8(at);
    const timestampMs = bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 2 ** 24;
    const track = type === 8 ? 'audio' : type === 9 ? 'video' : 'data';
    tags.push({ track, timestampMs, body: Uint8Array.from(bytes.subarray(at + 11, at + 11 + size)) });
    at += 11 + size + 4;
  }
  return tags;
}
