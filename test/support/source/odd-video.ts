/** Edits of FLV video tags by which a plain source becomes one of those that other readers forgive (test/README.md, Field). */
import { joinNals, NalFraming } from '../../../src/core/access-unit/nal-framing.js';
import { parseVideoTag, type VideoTag } from '../../../src/core/flv/video-tag.js';
import type { ErrorCode } from '../../../src/errors.js';
import type { FlvTag } from './flv-file.js';

type Coded = Extract<VideoTag, { readonly kind: 'config' | 'frame' }>;

/** The data of a tag, and what stands before them. */
interface Opened {
  readonly head: Uint8Array;
  readonly coded: Coded;
}

function open(body: Uint8Array): Opened | null {
  const coded = parseVideoTag(body);
  if (coded.kind !== 'config' && coded.kind !== 'frame') return null;
  return { head: body.subarray(0, body.length - coded.data.length), coded };
}

const withData = (tag: FlvTag, head: Uint8Array, data: Uint8Array): FlvTag => ({
  ...tag,
  body: Uint8Array.of(...head, ...data),
});

/** Each frame as these messages in its place, sequence headers as they are. */
const eachFrame =
  (edit: (nals: readonly Uint8Array[], isKeyframe: boolean) => readonly Uint8Array[]) =>
  (tags: readonly FlvTag[]): readonly FlvTag[] =>
    tags.flatMap((tag) => {
      const opened = tag.track === 'video' ? open(tag.body) : null;
      if (opened?.coded.kind !== 'frame') return [tag];
      const { head, coded } = opened;
      const { nals } = new NalFraming(4, () => true).read(coded.data);
      return edit(nals, coded.isKeyframe).map((data) => withData(tag, head, data));
    });

const behind =
  (code: readonly number[]) =>
  (nals: readonly Uint8Array[]): Uint8Array =>
    Uint8Array.from(nals.flatMap((nal) => [...code, ...nal]));

const lengthsOf =
  (bytes: number) =>
  (nals: readonly Uint8Array[]): Uint8Array =>
    Uint8Array.from(
      nals.flatMap((nal) => [
        ...Array.from({ length: bytes }, (_, n) => (nal.length / 256 ** (bytes - 1 - n)) & 255),
        ...nal,
      ]),
    );

/** Sequence headers changed, or left out. */
const eachHeader =
  (edit: (record: Uint8Array) => Uint8Array | null) =>
  (tags: readonly FlvTag[]): readonly FlvTag[] =>
    tags.flatMap((tag) => {
      const opened = tag.track === 'video' ? open(tag.body) : null;
      if (opened?.coded.kind !== 'config') return [tag];
      const data = edit(opened.coded.data);
      return data === null ? [] : [withData(tag, opened.head, data)];
    });

/** Where an avcC and an hvcC say how long lengths are, and where their sets begin. */
const placeOf = (record: Uint8Array) =>
  (record[4] ?? 0) >= 0xfc ? { lengths: 4, sets: 5 } : { lengths: 21, sets: 22 };

/** The parameter sets of a record, by the shape that FFmpeg's muxer gives it. */
function setsOf(record: Uint8Array): readonly Uint8Array[] {
  const sets: Uint8Array[] = [];
  const isAvc = placeOf(record).sets === 5;
  let at = isAvc ? 5 : 23;
  const take = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      const size = (record[at] ?? 0) * 256 + (record[at + 1] ?? 0);
      sets.push(record.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  };
  const groups = isAvc ? 2 : (record[22] ?? 0);
  for (let group = 0; group < groups; group += 1) {
    const count = isAvc ? (record[at] ?? 0) & 31 : (record[at + 1] ?? 0) * 256 + (record[at + 2] ?? 0);
    at += isAvc ? 1 : 3;
    take(count);
  }
  return sets;
}

/** Parameter sets before each keyframe. */
const inBand = (tags: readonly FlvTag[]): readonly FlvTag[] => {
  const header = tags
    .map((tag) => (tag.track === 'video' ? open(tag.body)?.coded : null))
    .find((one) => one?.kind === 'config');
  const sets = header === null || header === undefined ? [] : setsOf(header.data);
  return eachFrame((nals, isKeyframe) => [joinNals(isKeyframe ? [...sets, ...nals] : nals)])(tags);
};

const announcing = (bytes: number) =>
  eachHeader((record) => {
    const { lengths } = placeOf(record);
    return record.map((byte, at) => (at === lengths ? (byte & ~3) | (bytes - 1) : byte));
  });

/** What the container says of every frame. */
const flagged =
  (isKeyframe: boolean) =>
  (tags: readonly FlvTag[]): readonly FlvTag[] =>
    tags.map((tag) => {
      const opened = tag.track === 'video' ? open(tag.body) : null;
      if (opened?.coded.kind !== 'frame') return tag;
      return {
        ...tag,
        body: tag.body.map((byte, at) => (at === 0 ? (byte & 0x8f) | (isKeyframe ? 0x10 : 0x20) : byte)),
      };
    });

type Edit = (tags: readonly FlvTag[]) => readonly FlvTag[];
const both =
  (one: Edit, other: Edit): Edit =>
  (tags) =>
    other(one(tags));

/** Edits of H264 and HEVC after which the same pictures are to be seen. */
export const oddVideo: Readonly<Record<string, Edit>> = {
  'each unit in a message of its own': eachFrame((nals) => nals.map((nal) => joinNals([nal]))),
  'sets and units in messages of their own': both(
    inBand,
    eachFrame((nals) => nals.map((nal) => joinNals([nal]))),
  ),
  'start codes of 4 bytes': eachFrame((nals) => [behind([0, 0, 0, 1])(nals)]),
  'start codes of 3 bytes': eachFrame((nals) => [behind([0, 0, 1])(nals)]),
  'start codes and sets': both(
    inBand,
    eachFrame((nals) => [behind([0, 0, 0, 1])(nals)]),
  ),
  'one length over several units': both(
    inBand,
    eachFrame((nals) => [joinNals([behind([0, 0, 1])(nals).subarray(3)])]),
  ),
  'one length over lengths': both(
    inBand,
    eachFrame((nals) => [joinNals([joinNals(nals)])]),
  ),
  'zeros behind each picture': eachFrame((nals) => [Uint8Array.of(...joinNals(nals), ...new Uint8Array(50))]),
  'padding behind each picture': eachFrame((nals) => [
    Uint8Array.of(...joinNals(nals), ...new Uint8Array(50).fill(0xff)),
  ]),
  'lengths of 3 bytes': both(
    announcing(3),
    eachFrame((nals) => [lengthsOf(3)(nals)]),
  ),
  'lengths of 2 bytes, announced as 4': eachFrame((nals) => [lengthsOf(2)(nals)]),
  'no sequence header': both(
    inBand,
    eachHeader(() => null),
  ),
  'a header without sets': both(
    inBand,
    eachHeader((record) =>
      placeOf(record).sets === 5
        ? Uint8Array.of(...record.subarray(0, 5), 0xe0, 0)
        : Uint8Array.of(...record.subarray(0, 22), 0),
    ),
  ),
  'a header that is cut': both(
    inBand,
    eachHeader((record) => record.subarray(0, record.length - 3)),
  ),
  'a header of start codes': eachHeader((record) => behind([0, 0, 0, 1])(setsOf(record))),
  'no picture called a keyframe': flagged(false),
  'every picture called a keyframe': flagged(true),
};

/** Edits after which nothing of the video can be used. */
export const deadVideo: Readonly<Record<string, { readonly code: ErrorCode; readonly edit: Edit }>> = {
  'a codec that is not known': {
    code: 'source.unsupportedCodec',
    edit: (tags) =>
      tags.map((tag) => (tag.track === 'video' ? { ...tag, body: Uint8Array.of(0x14, ...tag.body.subarray(1)) } : tag)),
  },
  'no parameter sets anywhere': { code: 'source.noParameterSets', edit: eachHeader(() => null) },
  'frames of noise': {
    code: 'source.unreadableVideo',
    edit: eachFrame((nals) => [Uint8Array.from({ length: 40 + nals.length }, (_, n) => 0x80 | (n * 37))]),
  },
};
