/** Inputs of the sweep: sequence headers of video that say too little, too much or what is not so, and units framed otherwise. */
import { joinNals } from '../../../src/core/access-unit/nal-framing.js';
import { parseH264Config } from '../../../src/core/codec/h264-config.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { type LazyInput, lazy, mixed, type TagInput } from './input.js';
import { type Coded, classicTag, each, eachPicture, fourCc, nalsOf, readCoded, s24, typeBits } from './odd-tags.js';
import { classicVideo, type PlainMedia } from './plain-media.js';

type Edit = (tags: readonly FlvTag[]) => readonly FlvTag[];

const avcId = 7;
/** Where the record has the size of lengths, and the number of SPS (ISO/IEC 14496-15 5.3.3.1). */
const at = { lengthSize: 4, spsCount: 5 } as const;
const u16 = (value: number): readonly number[] => [value >> 8, value & 255];
const sized = (units: readonly Uint8Array[]): readonly number[] =>
  units.flatMap((unit) => [...u16(unit.length), ...unit]);

const recordOf = (record: Uint8Array, sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.of(...record.subarray(0, at.spsCount), 0xe0 | sps.length, ...sized(sps), pps.length, ...sized(pps));
const inRecord = (edit: (record: Uint8Array) => Uint8Array): Edit =>
  each((coded) => classicTag(coded, avcId, coded.isConfig ? edit(coded.data) : coded.data));
const inSets = (
  edit: (sets: { readonly sps: readonly Uint8Array[]; readonly pps: readonly Uint8Array[] }) => {
    readonly sps: readonly Uint8Array[];
    readonly pps: readonly Uint8Array[];
  },
): Edit =>
  inRecord((record) => {
    const { sps, pps } = edit(parseH264Config(record));
    return recordOf(record, sps, pps);
  });
/** The sets of another stream, with other ids. */
const others = () => {
  const made = classicVideo('-pix_fmt', 'yuv420p', '-vf', 'scale=320:192', '-x264-params', 'sps-id=3', '-t', '0.1');
  return parseH264Config(made.map(readCoded).find((coded) => coded?.isConfig)?.data ?? new Uint8Array());
};
const framed =
  (write: (nals: readonly Uint8Array[]) => readonly number[]) =>
  (coded: Coded): Uint8Array =>
    classicTag(coded, avcId, Uint8Array.from(write(nalsOf(coded.data))));
const lengths =
  (size: 1 | 2) =>
  (nals: readonly Uint8Array[]): readonly number[] =>
    nals
      .filter((nal) => size === 2 || nal.length < 256)
      .flatMap((nal) => [...(size === 1 ? [nal.length] : u16(nal.length)), ...nal]);
const withLengths = (size: 1 | 2): Edit =>
  each((coded) =>
    coded.isConfig
      ? classicTag(coded, avcId, coded.data.with(at.lengthSize, 0xfc | (size - 1)))
      : framed(lengths(size))(coded),
  );
const startCoded = (code: readonly number[]): Edit =>
  each((coded) =>
    coded.isConfig ? classicTag(coded, avcId) : framed((nals) => nals.flatMap((nal) => [...code, ...nal]))(coded),
  );
/** The frame type of the tag. */
const typed = (typeOf: (coded: Coded) => number): Edit =>
  each((coded) => {
    const body = classicTag(coded, avcId);
    return coded.isConfig ? body : body.with(0, (typeOf(coded) << 4) | avcId);
  });
const isNoSlice = ([first = 0]: Uint8Array): boolean => (first & 31) > 5;
const sei = (payload: number): Uint8Array => {
  const size = [...new Array<number>(Math.floor(payload / 255)).fill(255), payload % 255];
  return Uint8Array.of(6, 5, ...size, ...new Uint8Array(payload).fill(0x41), 0x80);
};

const edits: Readonly<Record<string, Edit>> = {
  'a record of version 0': inRecord((record) => record.with(0, 0)),
  'a record of version 255': inRecord((record) => record.with(0, 255)),
  'a record whose reserved bits are 0': inRecord((record) =>
    record.with(at.lengthSize, 3).with(at.spsCount, (record[at.spsCount] ?? 0) & 31),
  ),
  'a record that says lengths of 1 byte': inRecord((record) => record.with(at.lengthSize, 0xfc)),
  'a record that says lengths of 3 bytes': inRecord((record) => record.with(at.lengthSize, 0xfe)),
  'a record of no profile and level': inRecord((record) => record.with(1, 0).with(2, 0).with(3, 0)),
  'a record with bytes behind it': inRecord((record) => Uint8Array.of(...record, 1, 2, 3, 0xff, 0xff)),
  'sets of another stream behind the own': inSets(({ sps, pps }) => ({
    sps: [...sps, ...others().sps],
    pps: [...pps, ...others().pps],
  })),
  'sets of another stream before the own': inSets(({ sps, pps }) => ({ sps: [...others().sps, ...sps], pps })),
  'thirty-one times the same SPS': inSets(({ sps, pps }) => ({
    sps: Array.from({ length: 31 }, () => sps[0] ?? new Uint8Array()),
    pps,
  })),
  'a hundred times the same PPS': inSets(({ sps, pps }) => ({
    sps,
    pps: Array.from({ length: 100 }, () => pps[0] ?? new Uint8Array()),
  })),
  'a set of no bytes in the record': inSets(({ sps, pps }) => ({ sps: [new Uint8Array(), ...sps], pps })),
  'SPS and PPS in each other’s place': inSets(({ sps, pps }) => ({ sps: [...sps, ...pps], pps: [...pps, ...sps] })),
  'start codes behind three zeros': startCoded([0, 0, 0, 0, 0, 1]),
  'start codes by turns of 3 and 4 bytes': each((coded, n) =>
    coded.isConfig
      ? classicTag(coded, avcId)
      : framed((nals) => nals.flatMap((nal, at) => [...((n + at) % 2 === 0 ? [0] : []), 0, 0, 1, ...nal]))(coded),
  ),
  'lengths of 2 bytes': withLengths(2),
  'each slice twice': eachPicture((nals) => nals.flatMap((nal) => [nal, nal])),
  'slices in another order': eachPicture((nals) => [
    ...nals.filter(isNoSlice),
    ...nals.filter((nal) => !isNoSlice(nal)).toReversed(),
  ]),
  'three hundred SEI in each picture': eachPicture((nals) => [...Array.from({ length: 300 }, () => sei(20)), ...nals]),
  'an SEI of 60 kB in each picture': eachPicture((nals) => [sei(60_000), ...nals]),
  'an SEI that is cut': eachPicture((nals) => [Uint8Array.of(6, 5, 255, 255), ...nals]),
  'units of one byte': eachPicture((nals) => [Uint8Array.of(9), ...nals, Uint8Array.of(12)]),
  'an SPS extension and an auxiliary picture': eachPicture((nals) => [
    ...[Uint8Array.of(13, 0x80), ...nals],
    Uint8Array.of(19, 0x88, 0x84, 0),
  ]),
  'a picture parameter set behind each picture': eachPicture((nals) => [...nals, Uint8Array.of(0x68, 0xff)]),
  'frames of type 3': typed(({ isKeyframe }) => (isKeyframe ? 1 : 3)),
  'frames of type 0': typed(() => 0),
  'frames of type 7': typed(() => 7),
  'keyframes of type 4': typed(({ isKeyframe }) => (isKeyframe ? 4 : 2)),
};

/** HEVC in the record of a decoder (ISO/IEC 14496-15 8.3.3.1) and in its frames. */
const hevc = (edit: (coded: Coded) => Uint8Array): Edit =>
  each((coded) =>
    Uint8Array.of(
      ...[0x80 | typeBits(coded) | (coded.isConfig ? 0 : 1), ...fourCc('hvc1')],
      ...(coded.isConfig ? [] : s24(coded.compositionTimeMs)),
      ...edit(coded),
    ),
  );
const hevcRecord = (edit: (record: Uint8Array) => Uint8Array): Edit =>
  hevc(({ isConfig, data }) => (isConfig ? edit(data) : data));
const arraysFrom = 23;
/** The arrays of the record, each with its own head. */
function arraysOf(record: Uint8Array): readonly (readonly number[])[] {
  const arrays: number[][] = [];
  let from = arraysFrom;
  for (let n = 0; n < (record[arraysFrom - 1] ?? 0); n += 1) {
    let to = from + 3;
    for (let unit = 0; unit < (record[from + 2] ?? 0); unit += 1)
      to += 2 + ((record[to] ?? 0) << 8) + (record[to + 1] ?? 0);
    arrays.push([...record.subarray(from, to)]);
    from = to;
  }
  return arrays;
}
const withArrays = (edit: (arrays: readonly (readonly number[])[]) => readonly (readonly number[])[]): Edit =>
  hevcRecord((record) => {
    const arrays = edit(arraysOf(record));
    return Uint8Array.of(...record.subarray(0, arraysFrom - 1), arrays.length, ...arrays.flat());
  });
const withoutVps = withArrays((arrays) => arrays.filter(([type = 0]) => (type & 63) !== 32));
const hevcEdits: Readonly<Record<string, Edit>> = {
  'HEVC, a record of version 0': hevcRecord((record) => record.with(0, 0)),
  'HEVC, a record of zeros before its arrays': hevcRecord((record) => record.map((byte, n) => (n < 21 ? 0 : byte))),
  'HEVC, arrays in another order': withArrays((arrays) => arrays.toReversed()),
  'HEVC, arrays twice': withArrays((arrays) => [...arrays, ...arrays]),
  'HEVC, an array of SEI': withArrays((arrays) => [...arrays, [39, 0, 1, 0, 4, 0x4e, 1, 0x80, 0x80]]),
  'HEVC, an array of nothing': withArrays((arrays) => [[0x20, 0, 0], ...arrays]),
  'HEVC, start codes': hevc(({ isConfig, data }) =>
    isConfig ? data : Uint8Array.from(nalsOf(data).flatMap((nal) => [0, 0, 0, 1, ...nal])),
  ),
  'HEVC, three hundred SEI in each picture': hevc(({ isConfig, data }) =>
    isConfig
      ? data
      : joinNals([
          ...Array.from({ length: 300 }, () => Uint8Array.of(0x4e, 1, 5, 16, ...new Uint8Array(16), 0x80)),
          ...nalsOf(data),
        ]),
  ),
};

export function listOddRecordInputs({ h264, hevc: plainHevc, aac }: PlainMedia): readonly LazyInput[] {
  const beside = (name: string, video: () => readonly FlvTag[], more: Partial<TagInput> = {}): LazyInput =>
    lazy(name, () => mixed(video(), aac), more);
  const small = (): readonly FlvTag[] => classicVideo('-pix_fmt', 'yuv420p', '-x264-params', 'slice-max-size=200');
  return [
    ...Object.entries(edits).map(([name, edit]) => beside(name, () => edit(h264))),
    ...Object.entries(hevcEdits).map(([name, edit]) => beside(name, () => edit(plainHevc))),
    // FFmpeg decodes none without it, browsers some.
    beside('HEVC, a record without its VPS', () => withoutVps(plainHevc), { video: 'either' }),
    beside('lengths of 1 byte', () => withLengths(1)(small())),
  ];
}
