import { WireError } from '../bytes/wire-error.js';
import type { AudioConfig } from './audio-config.js';
import { createBitReader } from './bit-reader.js';

type FlacConfig = Extract<AudioConfig, { codec: 'FLAC' }>;

const where = 'flac.config';
const streamInfoBytes = 34;
/** "fLaC". */
const marker = [0x66, 0x4c, 0x61, 0x43];
const blockHeaderBytes = 4;

/**
 * STREAMINFO (RFC 9639 8.2) by itself, as FFmpeg puts it into FLV, or behind the stream's marker and the block's
 * header, as Enhanced RTMP v2 has it. Throws WireError on anything else.
 */
export function parseFlacConfig(data: Uint8Array): FlacConfig {
  const isMarked = marker.every((byte, at) => data[at] === byte);
  const from = isMarked ? marker.length + blockHeaderBytes : 0;
  const streamInfo = data.subarray(from, from + streamInfoBytes);
  if (isMarked && ((data[marker.length] ?? 1) & 127) !== 0)
    throw new WireError(where, 'the first block is another one');
  const reader = createBitReader(streamInfo, where);
  // Sizes of blocks and frames.
  reader.skip(80);
  const sampleRateHz = reader.bits(20);
  const channels = reader.bits(3) + 1;
  reader.skip(5 + 36 + 128);
  if (sampleRateHz === 0) throw new WireError(where, 'no sampling rate');
  return { codec: 'FLAC', streamInfo, sampleRateHz, channels };
}

/** By the four bits of a frame's header (RFC 9639 9.1.2); 0: not said there, or behind the header. */
const frameRatesHz = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
/** By its three bits (section 9.1.4); 0: not said there. */
const frameBits = [0, 8, 12, 0, 16, 20, 24, 32];
const frameSync = 0x3ffe;
/** Channel assignments from here on are two channels, one of them or both coded as a difference (section 9.1.3). */
const firstStereo = 8;
const lastAssignment = 10;

/**
 * What a frame says of its stream where no STREAMINFO came: null where it does not say all. Blocks of any length are allowed
 * for.
 */
export function readFlacFrame(data: Uint8Array): FlacConfig | null {
  if (data.length < 6) return null;
  const reader = createBitReader(data, where);
  if (reader.bits(14) !== frameSync) return null;
  reader.skip(6);
  const sampleRateHz = frameRatesHz[reader.bits(4)] ?? 0;
  const assignment = reader.bits(4);
  const bitsPerSample = frameBits[reader.bits(3)] ?? 0;
  if (sampleRateHz === 0 || bitsPerSample === 0 || assignment > lastAssignment) return null;
  const channels = assignment < firstStereo ? assignment + 1 : 2;
  return { codec: 'FLAC', streamInfo: streamInfoOf(sampleRateHz, channels, bitsPerSample), sampleRateHz, channels };
}

/** Sizes of frames, the number of samples and the checksum are 0: unknown (section 8.2). */
function streamInfoOf(sampleRateHz: number, channels: number, bitsPerSample: number): Uint8Array {
  const info = new Uint8Array(streamInfoBytes);
  const view = new DataView(info.buffer);
  view.setUint16(0, 16);
  view.setUint16(2, 0xffff);
  view.setUint32(10, ((sampleRateHz << 12) | ((channels - 1) << 9) | ((bitsPerSample - 1) << 4)) >>> 0);
  return info;
}
