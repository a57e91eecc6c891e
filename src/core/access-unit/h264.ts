/** H.264 as the assembler reads it (ITU-T H.264 7.4.1.2). */

import { WireError } from '../bytes/wire-error.js';
import { splitAnnexB } from '../codec/annex-b.js';
import { configureBFrames } from '../codec/b-frames.js';
import { createBitReader } from '../codec/bit-reader.js';
import { withoutEmulationPrevention } from '../codec/emulation-prevention.js';
import { parseH264Config } from '../codec/h264-config.js';
import { nalType, nalTypes } from '../codec/h264-nal.js';
import { readSliceHead } from '../codec/h264-slice.js';
import { parseSps, type Sps } from '../codec/h264-sps.js';
import type { ActiveSets, NalCodec, SetIds, SetKind } from './nal-codec.js';
import { readRecoveryPoint } from './recovery-point.js';
import { beginsWithStartCode } from './start-code.js';

const { nonIdr, partitionA, idr, sei, sps: spsType, pps: ppsType, aud } = nalTypes;
/** Of a slice in data partitions (7.3.2.9). */
const partitionC = 4;
/** End of sequence, end of stream, filler data. */
const behind: ReadonlySet<number> = new Set([10, 11, 12]);
/** Prefix NAL units and subset SPS (7.4.1.2.3). */
const before: ReadonlySet<number> = new Set([sei, spsType, ppsType, aud, 13, 14, 15]);
/** Whose nal_ref_idc is 0, and whose is not (7.4.1). */
const never: ReadonlySet<number> = new Set([sei, aud, 10, 11, 12]);
const always: ReadonlySet<number> = new Set([idr, spsType, ppsType]);
/** End of sequence and end of stream have no payload. */
const headersAlone: ReadonlySet<number> = new Set([10, 11]);
/** Beyond it types are reserved, or have no place in a base stream. */
const lastUsual = 21;
const pictureHeadBytes = 16;

export const h264: NalCodec<Sps> = {
  readRecord(record) {
    if (beginsWithStartCode(record)) return { lengthBytes: null, sets: splitAnnexB(record) };
    const { sps, pps, nalLengthSize } = parseH264Config(record);
    return { lengthBytes: nalLengthSize, sets: [...sps, ...pps] };
  },
  placeOf(nal) {
    const type = nalType(nal);
    if (type >= nonIdr && type <= idr) return type > partitionA && type <= partitionC ? 'behind' : 'slice';
    if (before.has(type)) return 'before';
    return behind.has(type) ? 'behind' : 'none';
  },
  isUnit(nal) {
    const first = nal[0] ?? 0;
    const type = first & 31;
    // A start code of 4 bytes reads as a length of 1.
    if (nal.length === 1 && !headersAlone.has(type)) return false;
    const isReference = (first & 0x60) !== 0;
    if ((first & 0x80) !== 0 || type === 0 || type > lastUsual) return false;
    return never.has(type) ? !isReference : isReference || !always.has(type);
  },
  setKindOf: (nal) => kinds.get(nalType(nal)) ?? null,
  readIds(kind, nal): SetIds {
    if (kind === 'sps') return { id: parseSps(nal).spsId, parent: null };
    const reader = createBitReader(withoutEmulationPrevention(nal.subarray(1, 1 + pictureHeadBytes)), 'h264.pps');
    const id = reader.unsignedExpGolomb();
    if (id > 255) throw new WireError('h264.pps', `pic_parameter_set_id is ${id}`);
    return { id, parent: reader.unsignedExpGolomb() };
  },
  readSps: parseSps,
  // The Exp-Golomb code of 0 is one bit.
  isFirst: (nal) => ((nal[1] ?? 0) & 0x80) !== 0,
  isEntry: (nal) => nalType(nal) === idr,
  readSlice(nal, spsOf) {
    const head = readSliceHead(nal, (ppsId) => spsOf(ppsId)?.sliceFields ?? null);
    if (head === null) throw new WireError('h264.slice', `NAL type ${nalType(nal)}`);
    const { firstMb, ppsId, isIdr, isB, isIntra, isReference, picture } = head;
    return { isFirst: firstMb === 0, firstMb, ppsId, isEntry: isIdr, isB, isIntra, isReference, picture };
  },
  recoveryOf(nal) {
    if (nalType(nal) !== sei) return null;
    return readRecoveryPoint(nal.subarray(1), (reader) => reader.unsignedExpGolomb());
  },
  describe(parsed, active) {
    const { width, height, maxNumReorderFrames } = parsed;
    return {
      info: { codec: 'H264', width, height, profileLevelId: Buffer.from(active.sps[0].subarray(1, 4)).toString('hex') },
      extraData: writeRecord(active),
      bFrames: configureBFrames(parsed),
      reorderFrames: maxNumReorderFrames,
    };
  },
};

const kinds: ReadonlyMap<number, SetKind> = new Map([
  [spsType, 'sps'],
  [ppsType, 'pps'],
]);

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1. */
function writeRecord({ sps, pps }: ActiveSets): Uint8Array {
  const sized = (nal: Uint8Array): readonly number[] => [nal.length >> 8, nal.length & 255, ...nal];
  const shown = pps.slice(0, 255);
  const head = [1, ...sps[0].subarray(1, 4), 0xff, 0xe0 | sps.length];
  return Uint8Array.from([...head, ...sps.flatMap(sized), shown.length, ...shown.flatMap(sized)]);
}
