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
 * STREAMINFO (RFC 9639 section 8.2) by itself, as FFmpeg puts it into FLV, or behind the stream's marker and the block's
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
