/**
 * Where the NAL units of a message begin and end. FLV has them behind lengths, as MP4 does (ISO/IEC 14496-15 5.3.4.2 and
 * 8.3.2.2). Sources also send start codes in place of lengths, one length over several units, lengths of another size than
 * they announce, and padding behind the last unit; other readers forgive that, and so does this one.
 */
import { WireError } from '../bytes/wire-error.js';
import { splitAnnexB } from '../codec/annex-b.js';
import { beginsWithStartCode, indexOfStartCode } from './start-code.js';

export type LengthBytes = 1 | 2 | 3 | 4;

export interface FramedNals {
  /** Views of the data, none of them empty. */
  readonly nals: readonly Uint8Array[];
  /** The data are these units behind lengths of 4 bytes, and nothing else: they can be handed on as they are. */
  readonly isPlain: boolean;
}

interface Split {
  readonly nals: Uint8Array[];
  /** The units reach to the end of the data. */
  readonly isWhole: boolean;
  /** Units of no bytes were left out, of which decoders make nothing. */
  readonly hasEmpty: boolean;
}

const where = 'nal.framing';
/** Enough for a 4K picture cut into slices of one packet each; a view costs more memory than the NAL that it shows. */
const maxNals = 8192;
const usualLengthBytes = 4;
/** In so many messages a source that puts several units under one length has shown it. */
const searched = 64;

export class NalFraming {
  readonly #isUnit: (nal: Uint8Array) => boolean;
  #lengthBytes: LengthBytes;
  /** Units may hold start codes, behind which the next unit begins; asked in the first messages, and for good once it was so. */
  #searches = searched;
  /** Messages that could be read in one way alone. */
  readonly #seen = { lengths: 0, codes: 0 };

  /**
   * `lengthBytes`: as the sequence header says it; null: there is none. `isUnit`: a unit of the codec may begin so; it decides
   * where bytes can be read in two ways.
   */
  constructor(lengthBytes: LengthBytes | null, isUnit: (nal: Uint8Array) => boolean) {
    this.#isUnit = isUnit;
    this.#lengthBytes = lengthBytes ?? usualLengthBytes;
  }

  /** What can be read; what is behind it is padding. Throws WireError where that is nothing. */
  read(data: Uint8Array): FramedNals {
    const split = splitLengths(data, this.#lengthBytes);
    if (split.isWhole && (split.nals.some(this.#isUnit) || !beginsWithStartCode(data))) {
      return this.#cutAtStartCodes(split);
    }
    return this.#readOdd(data, split);
  }

  /** A length of 256 to 511 begins as a start code of 3 bytes does: the units say which it is, else the messages before. */
  #readOdd(data: Uint8Array, split: Split): FramedNals {
    const byLengths = split.nals.length > 0 && split.nals.every(this.#isUnit);
    const coded = beginsWithStartCode(data) ? unpadded(splitAnnexB(data)) : [];
    const byCodes = coded.length > 0 && coded.every(this.#isUnit);
    if (byLengths !== byCodes) this.#seen[byCodes ? 'codes' : 'lengths'] += 1;
    if (byCodes && (!byLengths || this.#seen.codes > this.#seen.lengths))
      return { nals: limited(coded), isPlain: false };
    if (byLengths) return { nals: split.nals, isPlain: false };
    for (const lengthBytes of [4, 3, 2, 1] as const) {
      const other = lengthBytes === this.#lengthBytes ? null : splitLengths(data, lengthBytes);
      if (other?.isWhole !== true || !other.nals.every(this.#isUnit)) continue;
      this.#lengthBytes = lengthBytes;
      return { nals: other.nals, isPlain: lengthBytes === usualLengthBytes && !other.hasEmpty };
    }
    const nals = split.nals.filter(this.#isUnit);
    if (nals.length === 0) throw new WireError(where, `no NAL unit in ${data.length} bytes`);
    return { nals, isPlain: false };
  }

  /** A unit never holds a start code (H.264 7.4.1, H.265 7.4.2): where one stands, one length goes over several units. */
  #cutAtStartCodes({ nals, hasEmpty }: Split): FramedNals {
    const isPlain = this.#lengthBytes === usualLengthBytes && !hasEmpty;
    if (this.#searches === 0) return { nals, isPlain };
    if (this.#searches !== Number.POSITIVE_INFINITY) this.#searches -= 1;
    const [first] = nals;
    // No unit begins with a zero byte: behind one length stand lengths.
    const inner = nals.length === 1 && first?.[0] === 0 ? splitLengths(first, this.#lengthBytes) : null;
    const isNested = inner?.isWhole === true;
    if (!isNested && !nals.some((nal) => indexOfStartCode(nal) >= 0)) return { nals, isPlain };
    this.#searches = Number.POSITIVE_INFINITY;
    return { nals: isNested ? inner.nals : limited(nals.flatMap(cut)), isPlain: false };
  }
}

function splitLengths(data: Uint8Array, lengthBytes: LengthBytes): Split {
  const nals: Uint8Array[] = [];
  let hasEmpty = false;
  for (let at = 0; at < data.length; ) {
    const start = at + lengthBytes;
    let sizeBytes = 0;
    for (; at < start; at += 1) sizeBytes = sizeBytes * 256 + (data[at] ?? 0);
    if (sizeBytes > data.length - start) return { nals, isWhole: false, hasEmpty };
    if (sizeBytes === 0) {
      hasEmpty = true;
      continue;
    }
    if (nals.length === maxNals) throw new WireError(where, `more than ${maxNals} NAL units in one message`);
    at = start + sizeBytes;
    nals.push(data.subarray(start, at));
  }
  return { nals, isWhole: nals.length > 0, hasEmpty };
}

function cut(nal: Uint8Array): Uint8Array[] {
  const at = indexOfStartCode(nal);
  return at < 0 ? [nal] : unpadded([nal.subarray(0, at), ...splitAnnexB(nal.subarray(at))]);
}

/** Without the zero bytes that may stand between units (trailing_zero_8bits, B.1.1); units that are nothing else are left out. */
function unpadded(nals: readonly Uint8Array[]): Uint8Array[] {
  return nals.flatMap((nal) => {
    let end = nal.length;
    while (end > 0 && nal[end - 1] === 0) end -= 1;
    return end === 0 ? [] : [nal.subarray(0, end)];
  });
}

function limited(nals: Uint8Array[]): Uint8Array[] {
  if (nals.length === 0) throw new WireError(where, 'start codes without a NAL unit');
  if (nals.length > maxNals) throw new WireError(where, `more than ${maxNals} NAL units in one message`);
  return nals;
}

/** The units behind lengths of 4 bytes. */
export function joinNals(nals: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(nals.reduce((sum, nal) => sum + usualLengthBytes + nal.length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const nal of nals) {
    view.setUint32(at, nal.length);
    data.set(nal, at + usualLengthBytes);
    at += usualLengthBytes + nal.length;
  }
  return data;
}
