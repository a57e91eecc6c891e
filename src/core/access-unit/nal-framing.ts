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
  /** The units reach to the end of the data, and each begins as a NAL unit does. */
  readonly isWhole: boolean;
}

const where = 'nal.framing';
/** Enough for a 4K picture cut into slices of one packet each; a view costs more memory than the NAL that it shows. */
const maxNals = 8192;
const forbiddenBit = 0x80;
const usualLengthBytes = 4;
/** In so many messages a source that puts several units under one length has shown it. */
const searched = 64;

export class NalFraming {
  #lengthBytes: LengthBytes;
  /** Units may hold start codes, behind which the next unit begins; asked in the first messages, and for good once it was so. */
  #searches = searched;

  /** `lengthBytes`: as the sequence header says it; null: there is none. */
  constructor(lengthBytes: LengthBytes | null) {
    this.#lengthBytes = lengthBytes ?? usualLengthBytes;
  }

  /** What can be read; what is behind it is padding. Throws WireError where that is nothing. */
  read(data: Uint8Array): FramedNals {
    const split = splitLengths(data, this.#lengthBytes);
    if (split.isWhole) return this.#cutAtStartCodes(split.nals);
    if (beginsWithStartCode(data)) return { nals: limited(unpadded(splitAnnexB(data))), isPlain: false };
    for (const lengthBytes of [4, 3, 2, 1] as const) {
      const other = lengthBytes === this.#lengthBytes ? null : splitLengths(data, lengthBytes);
      if (other?.isWhole !== true) continue;
      this.#lengthBytes = lengthBytes;
      return { nals: other.nals, isPlain: lengthBytes === usualLengthBytes };
    }
    const nals = split.nals.filter(isPlausible);
    if (nals.length === 0) throw new WireError(where, `no NAL unit in ${data.length} bytes`);
    return { nals, isPlain: false };
  }

  /** A unit never holds a start code (H.264 7.4.1, H.265 7.4.2): where one stands, one length goes over several units. */
  #cutAtStartCodes(nals: Uint8Array[]): FramedNals {
    const isPlain = this.#lengthBytes === usualLengthBytes;
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
  let isWhole = true;
  for (let at = 0; at < data.length; ) {
    const start = at + lengthBytes;
    let sizeBytes = 0;
    for (; at < start; at += 1) sizeBytes = sizeBytes * 256 + (data[at] ?? 0);
    if (sizeBytes > data.length - start) return { nals, isWhole: false };
    if (sizeBytes === 0) continue;
    if (nals.length === maxNals) throw new WireError(where, `more than ${maxNals} NAL units in one message`);
    at = start + sizeBytes;
    const nal = data.subarray(start, at);
    isWhole &&= isPlausible(nal);
    nals.push(nal);
  }
  return { nals, isWhole: isWhole && nals.length > 0 };
}

const isPlausible = (nal: Uint8Array): boolean => ((nal[0] ?? 0) & forbiddenBit) === 0;

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
