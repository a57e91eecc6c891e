/** AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1. */
import { WireError } from '../bytes/wire-error.js';
import { type BitReader, createBitReader } from './bit-reader.js';

export interface AudioSpecificConfig {
  /** Audio object type of the core coder: 2 is AAC LC, also below HE-AAC. */
  readonly objectType: number;
  /** Rate of the decoded audio: with SBR signalled, the extension's. */
  readonly sampleRateHz: number;
  /** Channels of the decoded audio: with parametric stereo signalled, 2. */
  readonly channels: number;
  /** Spectral band replication is signalled (HE-AAC). Sources that leave it unsaid decode all the same. */
  readonly sbr: boolean;
  /** Parametric stereo is signalled (HE-AAC v2). */
  readonly ps: boolean;
}

const where = 'aac.config';
const objectTypes = { scalable: 6, sbr: 5, erBsac: 22, erScalable: 20, ps: 29, escape: 31 } as const;
const lowComplexity = 2;
/** Those whose specific part is GASpecificConfig (table 1.15). */
const generalAudio: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);
/** Those of GASpecificConfig with the three resilience flags (table 4.1). */
const resilient: ReadonlySet<number> = new Set([17, 19, 20, 23]);
/** Those followed by epConfig (table 1.15). */
const errorProtected: ReadonlySet<number> = new Set([17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 39]);
/** By samplingFrequencyIndex (table 1.18). */
export const sampleRatesHz = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
const maxRateHz = 192_000;
/** By channelConfiguration (table 1.19); 0 where reserved, or given by a program config element. */
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0];
/** syncExtensionType for SBR and for PS behind it. */
const syncSbr = 0x2b7;
const syncPs = 0x548;

/** Throws WireError on a configuration that is cut short or uses reserved values. */
export function parseAudioSpecificConfig(data: Uint8Array): AudioSpecificConfig {
  const reader = createBitReader(data, where);
  let objectType = readObjectType(reader);
  let sampleRateHz = readRate(reader);
  const channelConfiguration = reader.bits(4);
  const explicit = objectType === objectTypes.sbr || objectType === objectTypes.ps;
  let sbr = explicit;
  let ps = objectType === objectTypes.ps;
  if (explicit) {
    sampleRateHz = readRate(reader);
    objectType = readObjectType(reader);
    if (objectType === objectTypes.erBsac) reader.skip(4);
  }
  let channels = channelCounts[channelConfiguration] ?? 0;
  if (generalAudio.has(objectType)) {
    const counted = readGeneralAudio(reader, objectType, channelConfiguration);
    if (errorProtected.has(objectType)) reader.skip(2);
    channels = counted ?? channels;
    const extension = explicit ? null : readSyncExtension(reader);
    if (extension !== null) {
      sampleRateHz = extension.sampleRateHz;
      sbr = true;
      ps = extension.ps;
    }
  }
  if (channels === 0) throw new WireError(where, `channel configuration ${channelConfiguration}`);
  return { objectType, sampleRateHz, channels: ps && channels === 1 ? 2 : channels, sbr, ps };
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === objectTypes.escape ? 32 + reader.bits(6) : type;
}

function readRate(reader: BitReader): number {
  const index = reader.bits(4);
  const rateHz = index === 15 ? reader.bits(24) : (sampleRatesHz[index] ?? 0);
  if (rateHz === 0 || rateHz > maxRateHz) throw new WireError(where, `sampling rate ${rateHz}, index ${index}`);
  return rateHz;
}

/** GASpecificConfig, section 4.4.1. The number of channels where a program config element has it. */
function readGeneralAudio(reader: BitReader, objectType: number, channelConfiguration: number): number | null {
  reader.skip(1);
  if (reader.flag()) reader.skip(14);
  const extended = reader.flag();
  const channels = channelConfiguration === 0 ? readProgramConfig(reader) : null;
  if (objectType === objectTypes.scalable || objectType === objectTypes.erScalable) reader.skip(3);
  if (!extended) return channels;
  if (objectType === objectTypes.erBsac) reader.skip(16);
  if (resilient.has(objectType)) reader.skip(3);
  reader.skip(1);
  return channels;
}

/** program_config_element, section 4.5.1.2: how many channels it names. */
function readProgramConfig(reader: BitReader): number {
  reader.skip(10);
  const elements = reader.bits(4) + reader.bits(4) + reader.bits(4);
  const lowFrequency = reader.bits(2);
  const associated = reader.bits(3);
  const coupling = reader.bits(4);
  if (reader.flag()) reader.skip(4);
  if (reader.flag()) reader.skip(4);
  if (reader.flag()) reader.skip(3);
  let channels = lowFrequency;
  for (let index = 0; index < elements; index += 1) {
    channels += reader.flag() ? 2 : 1;
    reader.skip(4);
  }
  reader.skip((lowFrequency + associated) * 4 + coupling * 5);
  reader.align();
  reader.skip(reader.bits(8) * 8);
  if (channels === 0) throw new WireError(where, 'a program config element without channels');
  return channels;
}

/** SBR and PS signalled behind a configuration that older decoders read too (section 1.6.5.2). */
function readSyncExtension(reader: BitReader): { readonly sampleRateHz: number; readonly ps: boolean } | null {
  if (reader.bitsLeft < 16 || reader.bits(11) !== syncSbr) return null;
  if (readObjectType(reader) !== objectTypes.sbr || reader.bitsLeft < 5 || !reader.flag()) return null;
  const sampleRateHz = readRate(reader);
  const ps = reader.bitsLeft >= 12 && reader.bits(11) === syncPs && reader.flag();
  return { sampleRateHz, ps };
}

/** The AudioSpecificConfig of AAC LC. `rateIndex`: into `sampleRatesHz`; `channelConfiguration`: 1 to 7, the channels up to 6. */
export function aacLcConfig(rateIndex: number, channelConfiguration: number): Uint8Array {
  return aacConfig(lowComplexity, rateIndex, channelConfiguration);
}

/**
 * The same where its rate is written out (samplingFrequencyIndex 15) and has an index all the same: FFmpeg's decoder takes no other.
 * Of AAC LC alone: extensions have rates of their own.
 */
export function withRateIndex(config: Uint8Array): Uint8Array {
  const reader = createBitReader(config, where);
  if (reader.bits(5) !== lowComplexity || reader.bits(4) !== 15) return config;
  const rateIndex = sampleRatesHz.indexOf(reader.bits(24));
  const channelConfiguration = reader.bits(4);
  return rateIndex < 0 || channelConfiguration === 0 ? config : aacLcConfig(rateIndex, channelConfiguration);
}

/** The AudioSpecificConfig of an object type below 31 that has no extension. */
export function aacConfig(objectType: number, rateIndex: number, channelConfiguration: number): Uint8Array {
  return Uint8Array.of((objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channelConfiguration << 3));
}
