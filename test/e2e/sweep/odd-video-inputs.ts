/** Inputs of the sweep: units, parameter sets and composition times of H.264 and HEVC in forms that few sources send. */
import { joinNals } from '../../../src/core/access-unit/nal-framing.js';
import { parseH264Config } from '../../../src/core/codec/h264-config.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { input, mixed, type TagInput } from './input.js';
import type { Manner } from './manner.js';
import { around, classicTag, each, eachPicture, nalsOf, readCoded } from './odd-tags.js';
import { classicVideo, makeVideo, type PlainMedia } from './plain-media.js';

const avcId = 7;
const x264 = (params: string, ...more: readonly string[]): readonly FlvTag[] =>
  classicVideo('-pix_fmt', 'yuv420p', ...more, '-x264-params', params);
const scaled = (filter: string): readonly FlvTag[] => classicVideo('-pix_fmt', 'yuv420p', '-vf', filter);
const x265 = (params: string, height = 96): Promise<readonly FlvTag[]> =>
  makeVideo({
    codec: 'HEVC',
    height,
    options: { 'x265-params': `log-level=none:pools=1:frame-threads=1:keyint=25:min-keyint=25:scenecut=0:${params}` },
  });

/** By other options of the encoders. */
async function encoded(): Promise<Readonly<Record<string, readonly FlvTag[]>>> {
  return {
    'sets whose ids are 5': x264('sps-id=5'),
    '162x98': scaled('scale=162:98'),
    '16x16': scaled('scale=16:16'),
    '96x160 with a sample aspect ratio': scaled('scale=96:160,setsar=32/27'),
    grey: classicVideo('-pix_fmt', 'gray'),
    lossless: classicVideo('-pix_fmt', 'yuv420p', '-qp', '0'),
    'keyframes alone': x264('keyint=1'),
    'slices of 400 bytes': x264('slice-max-size=400'),
    'delimiters and filler': x264('aud=1:nal-hrd=cbr', '-b:v', '800k', '-maxrate', '800k', '-bufsize', '200k'),
    'open groups': x264('open-gop=1:bframes=3:b-adapt=0:b-pyramid=normal:keyint=25'),
    'intra refresh and B-frames': x264('intra-refresh=1:bframes=2:b-adapt=0'),
    'sixteen reference frames': x264('ref=16:keyint=25', '-preset', 'medium'),
    'frames that are said to be fields': x264('fake-interlaced=1:pic-struct=1'),
    'HEVC with delimiters and a buffer model': await x265('bframes=0:aud=1:hrd=1:vbv-maxrate=300:vbv-bufsize=300'),
    'HEVC of open groups': await x265('open-gop=1:bframes=3:b-adapt=0'),
    'HEVC of slices': await x265('bframes=0:slices=3', 256),
  };
}

/** The level that the record and its SPS say. */
const levelOf = (level: number) =>
  each((coded) => classicTag(coded, avcId, coded.isConfig ? coded.data.with(3, level).with(11, level) : coded.data));
const timesOf = (timeOf: (n: number) => number) =>
  each((coded, n) => classicTag({ ...coded, compositionTimeMs: coded.isConfig ? 0 : timeOf(n) }, avcId));
const cut = each((coded, n) => classicTag(coded, avcId, coded.data.subarray(0, n % 25 === 12 ? -9 : undefined)));

/** Other units in the same pictures. */
const edits: Readonly<Record<string, (tags: readonly FlvTag[]) => readonly FlvTag[]>> = {
  'units of no known type': eachPicture((nals) => [
    ...[Uint8Array.of(0x1e, 1, 2, 3), ...nals],
    ...[Uint8Array.of(0x70, 1, 2), Uint8Array.of(0, 5)],
  ]),
  'units of scalable video': eachPicture((nals) => [
    ...[Uint8Array.of(0x6e, 0x40, 1, 7), ...nals],
    Uint8Array.of(0x74, 0x40, 1, 7, 0x88, 9),
  ]),
  'units of no bytes': eachPicture((nals) => nals.flatMap((nal) => [nal, new Uint8Array()])),
  'zeros at the end of each unit': eachPicture((nals) => nals.map((nal) => Uint8Array.of(...nal, 0, 0, 0))),
  'an end of sequence in each picture': eachPicture((nals) => [...nals, Uint8Array.of(10)]),
  'an end of stream in each keyframe': eachPicture((nals, n) => (n % 25 === 1 ? [...nals, Uint8Array.of(11)] : nals)),
  'a level of 0': levelOf(0),
  'a level of 255': levelOf(255),
  'composition times of 80 ms': timesOf(() => 80),
  'composition times of -40 ms': timesOf(() => -40),
  'composition times of any length': timesOf((n) => (n * 7919) % 400),
  'composition times of hours': timesOf(() => 0x7fffff),
};

const message = (...nals: readonly Uint8Array[]): Uint8Array => Uint8Array.of(0x27, 1, 0, 0, 0, ...joinNals(nals));
const sei = Uint8Array.of(6, 5, 17, ...new Uint8Array(16).fill(0x41), 1, 0x80);
const filler = Uint8Array.of(12, ...new Uint8Array(99).fill(255), 0x80);
/** Messages of their own. */
const others: Readonly<Record<string, Manner>> = {
  'SEI alone between pictures': around('video', [message(sei)]),
  'delimiters alone behind pictures': around('video', [], [message(Uint8Array.of(9, 0xf0))]),
  'filler alone between pictures': around('video', [message(filler)]),
};

/** The sets of the header before each keyframe. */
function inBand(tags: readonly FlvTag[]): readonly FlvTag[] {
  const record = tags.map(readCoded).find((coded) => coded?.isConfig === true)?.data ?? new Uint8Array();
  const { sps, pps } = parseH264Config(record);
  return each((coded) => {
    const isKeyframe = coded.isKeyframe && !coded.isConfig;
    return classicTag(coded, avcId, isKeyframe ? joinNals([...sps, ...pps, ...nalsOf(coded.data)]) : coded.data);
  })(tags);
}

/** A second of the one, then a second of the other, without its header. */
const byTurns = (one: readonly FlvTag[], other: readonly FlvTag[]): readonly FlvTag[] => [
  ...inBand(one).filter(({ timestampMs }) => timestampMs < 1000),
  ...inBand(other).filter((tag) => tag.timestampMs >= 1000 && readCoded(tag)?.isConfig !== true),
];
const otherIds = (params: string): readonly FlvTag[] => byTurns(x264(`${params}sps-id=0`), x264(`${params}sps-id=5`));

export async function makeOddVideoInputs({ h264, aac }: PlainMedia): Promise<readonly TagInput[]> {
  const beside = (name: string, video: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(video, aac), more);
  const plain = x264('keyint=25');
  return [
    ...Object.entries(await encoded()).map(([name, tags]) => beside(name, tags)),
    ...Object.entries(edits).map(([name, edit]) => beside(name, edit(plain))),
    ...Object.entries(others).map(([name, manner]) => beside(name, h264, { manner })),
    beside('pictures whose last unit is cut', cut(h264), { fps: 20 }),
    beside('sets whose ids change with each group', otherIds('')),
    beside('sets whose ids change with each group, B-frames', otherIds('bframes=2:b-adapt=0:')),
    beside('a size that changes with each group', byTurns(plain, scaled('scale=320:192'))),
  ];
}
