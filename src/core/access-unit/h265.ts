/** H.265 as the assembler reads it (ITU-T H.265 7.4.2.4). */
import { WireError } from '../bytes/wire-error.js';
import { splitAnnexB } from '../codec/annex-b.js';
import { statedReordering } from '../codec/b-frames.js';
import { createBitReader } from '../codec/bit-reader.js';
import { withoutEmulationPrevention } from '../codec/emulation-prevention.js';
import { parseH265Config } from '../codec/h265-config.js';
import { h265HeaderBytes, h265NalType, h265NalTypes, isIrap } from '../codec/h265-nal.js';
import { type H265Sps, parseH265Sps } from '../codec/h265-sps.js';
import type { ActiveSets, NalCodec, SetIds, SetKind } from './nal-codec.js';
import { readRecoveryPoint } from './recovery-point.js';
import { beginsWithStartCode } from './start-code.js';

const { vps, sps, pps, aud, filler, prefixSei, suffixSei } = h265NalTypes;
const lastSlice = 31;
/** End of sequence, end of bitstream. */
const behind: ReadonlySet<number> = new Set([36, 37, filler, suffixSei]);
const before: ReadonlySet<number> = new Set([vps, sps, pps, aud, prefixSei]);
/** Of types that say whether decoding can begin with them. */
const firstReservedSlice = 24;
const headBytes = 16;
/** Below it even types are of pictures that no other of their sub-layer is predicted from (table 7-1). */
const firstReservedReference = 16;

export const h265: NalCodec<H265Sps> = {
  readRecord(record) {
    if (beginsWithStartCode(record)) return { lengthBytes: null, sets: splitAnnexB(record) };
    const config = parseH265Config(record);
    return { lengthBytes: config.nalLengthSize, sets: [...config.vps, ...config.sps, ...config.pps] };
  },
  placeOf(nal) {
    const type = h265NalType(nal);
    if (type <= lastSlice) return 'slice';
    if (before.has(type)) return 'before';
    return behind.has(type) ? 'behind' : 'none';
  },
  isUnit(nal) {
    const [first = 0x80, second = 0] = nal;
    const type = h265NalType(nal);
    const isOfBaseLayer = (first & 0x81) === 0 && second >> 3 === 0 && (second & 7) !== 0;
    return isOfBaseLayer && (type <= lastSlice ? type < firstReservedSlice : type <= suffixSei);
  },
  setKindOf: (nal) => kinds.get(h265NalType(nal)) ?? null,
  readIds(kind, nal): SetIds {
    const reader = headReader(nal, `h265.${kind}`);
    if (kind === 'vps') return { id: reader.bits(4), parent: null };
    if (kind === 'sps') return { id: parseH265Sps(nal).spsId, parent: reader.bits(4) };
    const id = reader.unsignedExpGolomb();
    if (id > 63) throw new WireError('h265.pps', `pps_pic_parameter_set_id is ${id}`);
    return { id, parent: reader.unsignedExpGolomb() };
  },
  readSps: parseH265Sps,
  isFirst: (nal) => ((nal[h265HeaderBytes] ?? 0) & 0x80) !== 0,
  isEntry: (nal) => isIrap(h265NalType(nal)),
  readSlice(nal) {
    const reader = headReader(nal, 'h265.slice');
    const type = h265NalType(nal);
    const isFirst = reader.flag();
    // no_output_of_prior_pics_flag
    if (isIrap(type)) reader.skip(1);
    // Slices of type B need no later picture: the SPS tells whether pictures are reordered.
    return {
      isFirst,
      firstMb: null,
      ppsId: reader.unsignedExpGolomb(),
      isEntry: isIrap(type),
      isB: false,
      isIntra: isIrap(type),
      isReference: type >= firstReservedReference || type % 2 === 1,
      picture: null,
    };
  },
  recoveryOf(nal) {
    if (h265NalType(nal) !== prefixSei) return null;
    return readRecoveryPoint(nal.subarray(h265HeaderBytes), (reader) => Math.max(0, reader.signedExpGolomb()));
  },
  describe(parsed, active) {
    const { width, height, profileIdc, maxNumReorderPics } = parsed;
    return {
      info: { codec: 'HEVC', width, height, profileIdc },
      extraData: writeRecord(parsed, active),
      bFrames: statedReordering(maxNumReorderPics),
      reorderFrames: maxNumReorderPics,
    };
  },
};

const kinds: ReadonlyMap<number, SetKind> = new Map([
  [vps, 'vps'],
  [sps, 'sps'],
  [pps, 'pps'],
]);

const headReader = (nal: Uint8Array, name: string) =>
  createBitReader(withoutEmulationPrevention(nal.subarray(h265HeaderBytes, h265HeaderBytes + headBytes)), name);

/** general_profile_space to general_level_idc, in an SPS behind its first byte (7.3.2.2.1). */
const profileBytes = 12;

/** HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 8.3.3.1. */
function writeRecord({ chromaFormatIdc, bitDepth }: H265Sps, active: ActiveSets): Uint8Array {
  const payload = withoutEmulationPrevention(active.sps[0].subarray(h265HeaderBytes, 64));
  const arrays = [
    { type: vps, nals: active.vps },
    { type: sps, nals: active.sps },
    { type: pps, nals: active.pps },
  ];
  const depth = 0xf8 | (bitDepth - 8);
  return Uint8Array.from([
    ...[1, ...payload.subarray(1, 1 + profileBytes)],
    ...[0xf0, 0, 0xfc, 0xfc | chromaFormatIdc, depth, depth, 0, 0, 0x0f, arrays.length],
    ...arrays.flatMap(({ type, nals }) => [
      ...[0x80 | type, 0, nals.length],
      ...nals.flatMap((nal) => [nal.length >> 8, nal.length & 255, ...nal]),
    ]),
  ]);
}
