import { createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import type { AudioConfig } from './audio-config.js';

type OpusConfig = Extract<AudioConfig, { codec: 'Opus' }>;

const where = 'opus.config';
const magic = 'OpusHead';
/** More would be 255 streams: no real header comes near. */
const maxBytes = 512;
const decodedRateHz = 48_000;

/** Identification header, RFC 7845 5.1. Throws WireError on anything else. */
export function parseOpusHead(data: Uint8Array): OpusConfig {
  if (data.length > maxBytes) throw new WireError(where, `${data.length} bytes`);
  const reader = createByteReader(data, where);
  if (reader.text(magic.length) !== magic) throw new WireError(where, 'no OpusHead');
  const version = reader.u8();
  // Those of the same upper half can be read (section 5.1).
  if (version >> 4 !== 0) throw new WireError(where, `version ${version}`);
  const channels = reader.u8();
  if (channels === 0) throw new WireError(where, 'no channels');
  // Pre-skip and the rate of the original are of no use to a live stream.
  reader.bytes(6);
  const outputGain = reader.u16();
  const mappingFamily = reader.u8();
  if (mappingFamily === 0 && channels > 2) throw new WireError(where, `${channels} channels without a mapping`);
  const isPlain = mappingFamily === 0 && outputGain === 0;
  return { codec: 'Opus', opusHead: data, isPlain, sampleRateHz: decodedRateHz, channels };
}

/** For a source that sends packets and no header. */
export function opusHeadFor(channels: 1 | 2): OpusConfig {
  const text = Array.from(magic, (letter) => letter.charCodeAt(0));
  return parseOpusHead(Uint8Array.of(...text, 1, channels, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0));
}
