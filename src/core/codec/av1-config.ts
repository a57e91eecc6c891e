/** AV1 codec configuration (AV1 in ISOBMFF section 2.3.3) and its sequence header (AV1 specification section 5.5.1). */
import { WireError } from '../bytes/wire-error.js';
import { obuTypes, splitObus } from './av1-obu.js';
import { type BitReader, createBitReader } from './bit-reader.js';

export interface Av1Config {
  /** 0 Main, 1 High, 2 Professional. */
  readonly profile: number;
  /** seq_level_idx of the first operating point: level 2.0 is 0, 31 is none. */
  readonly levelIdx: number;
  /** 0 Main, 1 High. */
  readonly tier: 0 | 1;
  /** The sequence header OBU without its size field; null where the record has none and the frames bring it. */
  readonly sequenceHeader: Uint8Array | null;
}

export interface Av1Sequence extends Pick<Av1Config, 'profile' | 'levelIdx' | 'tier'> {
  /** Largest frame, in luma samples: 1 to 65,536. */
  readonly width: number;
  readonly height: number;
}

const where = 'av1.config';
const maxRecordBytes = 16_384;

/** AV1CodecConfigurationRecord. Throws WireError on anything else. */
export function parseAv1Config(data: Uint8Array): Av1Config {
  if (data.length > maxRecordBytes) throw new WireError(where, `${data.length} bytes`);
  const [version, profileLevel, tierDepth] = data;
  if (version === undefined || profileLevel === undefined || tierDepth === undefined || data.length < 4) {
    throw new WireError(where, `${data.length} bytes`);
  }
  if (version !== 0x81) throw new WireError(where, `marker and version ${version}`);
  const found = splitObus(data.subarray(4)).find(({ type }) => type === obuTypes.sequenceHeader);
  return {
    profile: profileLevel >> 5,
    levelIdx: profileLevel & 31,
    tier: (tierDepth & 0x80) === 0 ? 0 : 1,
    sequenceHeader: found === undefined ? null : Uint8Array.from([...found.header, ...found.payload]),
  };
}

/** The payload of a sequence header OBU, as far as the size. Throws WireError on bytes that are none. */
export function parseAv1Sequence(payload: Uint8Array): Av1Sequence {
  const reader = createBitReader(payload, 'av1.sequence');
  const profile = reader.bits(3);
  if (profile > 2) throw new WireError('av1.sequence', `profile ${profile}`);
  reader.skip(1);
  const isReduced = reader.flag();
  const { levelIdx, tier } = isReduced ? { levelIdx: reader.bits(5), tier: 0 as const } : readOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  return { profile, levelIdx, tier, width, height: reader.bits(heightBits) + 1 };
}

/** From timing_info_present_flag to the last operating point; gives what the first one says. */
function readOperatingPoints(reader: BitReader): Pick<Av1Sequence, 'levelIdx' | 'tier'> {
  const delayBits = readTiming(reader);
  const hasDisplayDelay = reader.flag();
  const count = reader.bits(5) + 1;
  const points = Array.from({ length: count }, () => {
    reader.skip(12);
    const levelIdx = reader.bits(5);
    // Only levels above 3.3 have two tiers.
    const tier = levelIdx > 7 && reader.flag() ? (1 as const) : (0 as const);
    // decoder_buffer_delay, encoder_buffer_delay and low_delay_mode_flag.
    if (delayBits !== null && reader.flag()) reader.skip(2 * delayBits + 1);
    if (hasDisplayDelay && reader.flag()) reader.skip(4);
    return { levelIdx, tier };
  });
  return points[0] ?? { levelIdx: 31, tier: 0 };
}

/** Bits of a buffer delay; null without a decoder model. */
function readTiming(reader: BitReader): number | null {
  if (!reader.flag()) return null;
  reader.skip(64);
  // num_ticks_per_picture_minus_1 is a uvlc(), section 4.10.3: an Exp-Golomb code.
  if (reader.flag()) reader.unsignedExpGolomb();
  if (!reader.flag()) return null;
  const delayBits = reader.bits(5) + 1;
  reader.skip(32 + 5 + 5);
  return delayBits;
}
