import { WireError } from '../bytes/wire-error.js';
import type { AudioFormat } from './audio-config.js';
import { type BitReader, createBitReader } from './bit-reader.js';

const where = 'ac3.header';
const syncword = 0x0b77;
/** By fscod; 3 is reserved, or in E-AC-3 leads to half the rate. */
const ratesHz = [48_000, 44_100, 32_000];
/** By acmod (ETSI TS 102 366 table 4.3). */
const channelCounts = [2, 1, 2, 3, 3, 4, 4, 5];
/** bsid: up to here AC-3, above E-AC-3 (annex E). */
const lastPlainId = 10;
const lastEnhancedId = 16;

/** What the head of an AC-3 or E-AC-3 syncframe says (ETSI TS 102 366 sections 4.3, 4.4, E.1.2); null where none is. */
export function readAc3Header(data: Uint8Array): AudioFormat | null {
  const bitstreamId = (data[5] ?? 255) >> 3;
  try {
    const reader = createBitReader(data, where);
    if (reader.bits(16) !== syncword || bitstreamId > lastEnhancedId) return null;
    return bitstreamId > lastPlainId ? readEnhanced(reader) : readPlain(reader);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function readPlain(reader: BitReader): AudioFormat | null {
  reader.skip(16);
  const rateHz = ratesHz[reader.bits(2)];
  // frmsizecod, bsid, bsmod.
  reader.skip(6 + 5 + 3);
  const mode = reader.bits(3);
  if ((mode & 1) !== 0 && mode !== 1) reader.skip(2);
  if ((mode & 4) !== 0) reader.skip(2);
  if (mode === 2) reader.skip(2);
  return format(rateHz, mode, reader.flag());
}

function readEnhanced(reader: BitReader): AudioFormat | null {
  // strmtyp, substreamid, frmsiz.
  reader.skip(2 + 3 + 11);
  const rateCode = reader.bits(2);
  const halfOrBlocks = reader.bits(2);
  const halfRateHz = ratesHz[halfOrBlocks];
  const rateHz = rateCode === 3 ? halfRateHz && halfRateHz / 2 : ratesHz[rateCode];
  return format(rateHz, reader.bits(3), reader.flag());
}

function format(rateHz: number | undefined, mode: number, hasLowFrequency: boolean): AudioFormat | null {
  if (rateHz === undefined) return null;
  return { sampleRateHz: rateHz, channels: (channelCounts[mode] ?? 0) + (hasLowFrequency ? 1 : 0) };
}
