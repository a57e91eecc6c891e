/** Inputs of the sweep: what changes while it plays, comes in lumps or seldom, and OBUs and units of other codecs in odd forms. */
import { joinNals } from '../../../src/core/access-unit/nal-framing.js';
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { input, mixed, type TagInput, trackOf } from './input.js';
import type { Manner, Sent } from './manner.js';

import { each, fourCc, nalsOf, readCoded, s24, typeBits } from './odd-tags.js';
import { classicAudio, classicVideo, type PlainMedia } from './plain-media.js';

/** A second of the one, then a second of the other, each with its header. */
const byTurns = (one: readonly FlvTag[], other: readonly FlvTag[]): readonly FlvTag[] => {
  const isFirst = ({ timestampMs }: FlvTag): boolean => timestampMs < 1000;
  const [header] = other;
  return [
    ...one.filter(isFirst),
    ...(header === undefined ? [] : [{ ...header, timestampMs: 999 }]),
    ...other.filter((tag) => !isFirst(tag)),
  ];
};

/** OBUs around those of each temporal unit (AV1 5.3). */
const obusAround = (before: readonly number[], behind: readonly number[] = []) =>
  each((coded) =>
    Uint8Array.of(
      ...[0x80 | typeBits(coded) | (coded.isConfig ? 0 : 1), ...fourCc('av01')],
      ...(coded.isConfig ? coded.data : [...before, ...coded.data, ...behind]),
    ),
  );
const hevcTag = (edit: (nals: readonly Uint8Array[]) => readonly Uint8Array[]) =>
  each((coded) =>
    Uint8Array.of(
      ...[0x80 | typeBits(coded) | (coded.isConfig ? 0 : 1), ...fourCc('hvc1')],
      ...(coded.isConfig ? coded.data : [...s24(coded.compositionTimeMs), ...joinNals(edit(nalsOf(coded.data)))]),
    ),
  );
/** Each slice in a message of its own, a millisecond behind the one before. */
const slicesApart = (tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.flatMap((tag) => {
    const coded = readCoded(tag);
    if (coded === null || coded.isConfig) return [tag];
    return nalsOf(coded.data).map((nal, n) => ({
      ...tag,
      timestampMs: tag.timestampMs + n,
      body: Uint8Array.of(...tag.body.subarray(0, 5), ...joinNals([nal])),
    }));
  });
const every = (count: number, tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.filter((tag, n) => readCoded(tag)?.isConfig === true || n % count === 1);

export function makeOddChangeInputs({ h264, hevc, av1, vp9, aac, opus, flac }: PlainMedia): readonly TagInput[] {
  const beside = (name: string, video: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(video, aac), more);
  const heard = (name: string, audio: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(h264, audio), more);
  const rated = (rate: number, gop: number): readonly FlvTag[] =>
    classicVideo('-pix_fmt', 'yuv420p', '-vf', `fps=${rate}`, '-g', String(gop));
  const stamped = (of: (sent: Sent) => number): Manner => ({
    reword: (sent) => [{ ...sent, timestampMs: of(sent) }],
  });
  return [
    beside('H264 and HEVC by turns', byTurns(h264, hevc), { fps: 5 }),
    beside('AV1 and VP9 by turns', byTurns(av1, vp9), { fps: 5 }),
    heard('AAC and Opus by turns', byTurns(aac, opus), { isTone: false, audio: 'either' }),
    heard('AAC and FLAC by turns', byTurns(aac, flac), { isTone: false, audio: 'either' }),
    heard('AAC and another MP3 in each other', mixed(aac, classicAudio('libmp3lame', 44_100, 2))),
    beside('slices a millisecond apart', slicesApart(h264)),
    beside('five pictures a second', every(5, classicVideo('-pix_fmt', 'yuv420p', '-g', '1')), { fps: 5 }),
    beside('a picture a second', every(25, classicVideo('-pix_fmt', 'yuv420p', '-g', '1')), { fps: 0 }),
    beside('100 pictures a second', rated(100, 100), { fps: 100 }),
    beside('AV1 with a delimiter in each unit', obusAround([0x12, 0])(av1)),
    beside('AV1 with metadata and padding in each unit', obusAround([0x2a, 3, 20, 1, 0x80], [0x7a, 2, 1, 0x80])(av1)),
    beside('AV1 with OBUs of no known type', obusAround([0x4a, 1, 9], [0x5a, 0])(av1)),
    beside('HEVC with units of no bytes', hevcTag((nals) => nals.flatMap((nal) => [nal, new Uint8Array()]))(hevc)),
    beside('HEVC with units of other layers', hevcTag((nals) => [...nals, Uint8Array.of(0x02, 0x09, 1, 2, 3)])(hevc)),
    beside(
      'HEVC with units of no known type',
      hevcTag((nals) => [Uint8Array.of(0x60, 1, 1), ...nals, Uint8Array.of(0x7e, 1, 7)])(hevc),
    ),
    beside(
      'HEVC with ends of sequence',
      hevcTag((nals) => [...nals, Uint8Array.of(0x48, 1), Uint8Array.of(0x4a, 1)])(hevc),
    ),
    input('lumps of a second', mixed(h264, aac), { manner: { lumpMs: 1000 } }),
    input('lumps of 400 ms', mixed(h264, aac), { manner: { lumpMs: 400 } }),
    input('audio stamped 700 ms behind', mixed(h264, aac), {
      manner: stamped(({ type, timestampMs }) => timestampMs + (type === 'audio' ? 0 : 700)),
    }),
    input('stamps that step back by 100 ms each 500 ms', mixed(h264, aac), {
      manner: stamped(({ timestampMs }) => timestampMs - 100 * Math.floor(timestampMs / 500) + 100_000),
    }),
    input('stamps of video alone that begin anew each second', mixed(h264, aac), {
      manner: stamped(({ type, timestampMs }) => (type === 'video' ? timestampMs % 1000 : timestampMs)),
    }),
    input('video alone, metadata that promise audio', trackOf(h264, 'video'), {
      manner: {
        reword: (sent, n) =>
          n % 25 === 0
            ? [
                {
                  ...sent,
                  type: 'dataAmf0',
                  body: encodeAmf0('onMetaData', { hasAudio: true, audiocodecid: 10, audiosamplerate: 44_100 }),
                },
                sent,
              ]
            : [sent],
      },
    }),
  ];
}
