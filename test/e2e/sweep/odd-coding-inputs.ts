/** Inputs of the sweep: video as encoders write it with options that few use, and OBUs and frames of AV1 and VP9 in other forms. */
import { splitObus } from '../../../src/core/codec/av1-obu.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { type LazyInput, lazy, mixed, type TagInput } from './input.js';
import { type Coded, each, fourCc, typeBits } from './odd-tags.js';
import { classicVideo, makeVideo, type PlainMedia } from './plain-media.js';

type Make = () => readonly FlvTag[] | Promise<readonly FlvTag[]>;

const x264 = (params: string, ...more: readonly string[]): readonly FlvTag[] =>
  classicVideo('-pix_fmt', 'yuv420p', ...more, '-x264-params', params);
const rewritten = (filter: string): readonly FlvTag[] => classicVideo('-pix_fmt', 'yuv420p', '-bsf:v', filter);
const x265 = (params: string, isDeep = false): Promise<readonly FlvTag[]> =>
  makeVideo({
    codec: 'HEVC',
    isDeep,
    options: { 'x265-params': `log-level=none:pools=1:frame-threads=1:keyint=25:min-keyint=25:scenecut=0:${params}` },
  });

const h264: Readonly<Record<string, Make>> = {
  'H264 of 4:2:2 and 10 bits': () => classicVideo('-pix_fmt', 'yuv422p10le'),
  'H264 of 4:4:4, lossless': () => classicVideo('-pix_fmt', 'yuv444p', '-qp', '0'),
  'H264 of RGB': () => classicVideo('-c:v', 'libx264rgb', '-pix_fmt', 'rgb24'),
  'H264 of 10 bits, intra alone': () => classicVideo('-pix_fmt', 'yuv420p10le', '-g', '1'),
  'H264 of 10 bits with B-frames': () => classicVideo('-pix_fmt', 'yuv420p10le', '-x264-params', 'bframes=2:b-adapt=0'),
  'fields with B-frames': () => x264('tff=1:bframes=2:b-adapt=0'),
  'fields, the lower first': () => x264('bff=1'),
  'CABAC, transforms of 8x8 and weights': () =>
    x264('cabac=1:8x8dct=1:weightp=2:ref=4', '-preset', 'medium', '-tune', 'zerolatency'),
  'a pyramid of B-frames': () => x264('bframes=7:b-pyramid=normal:b-adapt=0:ref=8'),
  'intra prediction that is constrained': () => x264('constrained-intra=1'),
  'a variable rate of the buffer model, picture structures': () =>
    x264('nal-hrd=vbr:pic-struct=1:vbv-maxrate=400:vbv-bufsize=400'),
  'frames packed side by side': () => x264('frame-packing=3'),
  'a group of ten seconds': () => x264('keyint=250'),
  'a picture at 50 and none at 0 of a hundred': () =>
    classicVideo('-pix_fmt', 'yuv420p', '-vf', 'fps=50,select=not(mod(n\\,2))'),
  'a tick of a millionth of a second': () => rewritten('h264_metadata=tick_rate=1000000'),
  'a tick of a thousand seconds': () => rewritten('h264_metadata=tick_rate=1/1000'),
  'samples of 1 to 255': () => classicVideo('-pix_fmt', 'yuv420p', '-vf', 'setsar=1/255'),
  'colours of BT.2020 and PQ, the full range': () =>
    rewritten(
      'h264_metadata=video_full_range_flag=1:colour_primaries=9:transfer_characteristics=16:matrix_coefficients=9',
    ),
  'a level of 6.2': () => rewritten('h264_metadata=level=6.2'),
  'a level of 1': () => rewritten('h264_metadata=level=1'),
  'a picture that is to be turned': () => rewritten('h264_metadata=display_orientation=insert:rotate=90'),
  'cropping of odd samples': () => rewritten('h264_metadata=crop_left=16:crop_right=34:crop_top=2:crop_bottom=14'),
  'no delimiters, no SEI': () => rewritten('filter_units=remove_types=6|9'),
  'slices alone, no SEI and sets': () => rewritten('filter_units=pass_types=1-5'),
};

const others: Readonly<Record<string, Make>> = {
  'HEVC of temporal layers': () => x265('temporal-layers=3:bframes=3:b-adapt=0'),
  'HEVC, lossless': () => x265('bframes=0:lossless=1'),
  'HEVC of keyframes alone': () => x265('bframes=0:keyint=1:min-keyint=1'),
  'HEVC of 10 bits with HDR': () =>
    x265('bframes=0:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:repeat-headers=1', true),
  'HEVC of 10 bits with B-frames': () => x265('bframes=3:b-adapt=0', true),
  'HEVC whose sets repeat': () => x265('bframes=0:repeat-headers=1'),
  'HEVC of fields': () => x265('bframes=0:interlace=tff'),
  'AV1 of 10 bits': () => makeVideo({ codec: 'AV1', isDeep: true }),
  'AV1 of 162x98': () => makeVideo({ codec: 'AV1', width: 162, height: 98 }),
  'AV1 with film grain': () => makeVideo({ codec: 'AV1', options: { 'svtav1-params': 'film-grain=20' } }),
  'VP9 of 10 bits': () => makeVideo({ codec: 'VP9', isDeep: true }),
  'VP9 of 162x98': () => makeVideo({ codec: 'VP9', width: 162, height: 98 }),
  'VP9 with hidden frames': () =>
    makeVideo({ codec: 'VP9', options: { 'auto-alt-ref': '1', 'lag-in-frames': '16', 'arnr-maxframes': '7' } }),
  'VP9 that resists errors': () =>
    makeVideo({ codec: 'VP9', options: { 'error-resilient': '1', deadline: 'realtime', 'frame-parallel': '1' } }),
  'VP9 of temporal layers': () =>
    makeVideo({
      codec: 'VP9',
      options: {
        deadline: 'realtime',
        'lag-in-frames': '0',
        'ts-parameters':
          'ts_number_layers=2:ts_target_bitrate=100,150:ts_rate_decimator=2,1:ts_periodicity=2:ts_layer_id=0,1:ts_layering_mode=2',
      },
    }),
};

type Bytes = readonly number[];
const leb128 = (value: number): Bytes => (value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >> 7)]);
const sizedObu = (head: Bytes, payload: Uint8Array): Bytes => [...head, ...leb128(payload.length), ...payload];
const headOf = (type: number): number => (type << 3) | 2;
const av1Frames = (write: (obus: ReturnType<typeof splitObus>) => Bytes) =>
  each((coded) => tagged('av01', coded, coded.isConfig ? coded.data : Uint8Array.from(write(splitObus(coded.data)))));
const tagged = (name: string, coded: Coded, data: Uint8Array): Uint8Array =>
  Uint8Array.of(0x80 | typeBits(coded) | (coded.isConfig ? 0 : 1), ...fourCc(name), ...data);
const inHeader = (name: string, edit: (record: Uint8Array) => Uint8Array) =>
  each((coded) => tagged(name, coded, coded.isConfig ? edit(coded.data) : coded.data));

type Edit = (tags: readonly FlvTag[]) => readonly FlvTag[];
const av1Edits: Readonly<Record<string, Edit>> = {
  'AV1 whose last OBU has no size': av1Frames((obus) =>
    obus.flatMap(({ type, payload }, n) =>
      n < obus.length - 1 ? sizedObu([headOf(type)], payload) : [type << 3, ...payload],
    ),
  ),
  'AV1 with extension headers': av1Frames((obus) =>
    obus.flatMap(({ type, payload }) => sizedObu([headOf(type) | 4, 0], payload)),
  ),
  'AV1 with sizes of more bytes than needed': av1Frames((obus) =>
    obus.flatMap(({ type, payload }) => [
      headOf(type),
      ...leb128(payload.length).map((byte) => byte | 128),
      ...[0x80, 0],
      ...payload,
    ]),
  ),
  'AV1 with bytes of zero behind each unit': av1Frames((obus) => [
    ...obus.flatMap(({ type, payload }) => sizedObu([headOf(type)], payload)),
    ...[0, 0, 0, 0],
  ]),
  'AV1, a record without a sequence header': inHeader('av01', (record) => record.subarray(0, 4)),
  'AV1, a record of zeros': inHeader('av01', (record) => record.map((byte, n) => (n < 4 ? 0 : byte))),
  'AV1, a record of one byte': inHeader('av01', (record) => record.subarray(0, 1)),
};
const vp9Edits: Readonly<Record<string, Edit>> = {
  'VP9, a record of zeros': inHeader('vp09', (record) => record.map(() => 0)),
  'VP9, a record of one byte': inHeader('vp09', (record) => record.subarray(0, 1)),
  'VP9, a record of another profile': inHeader('vp09', (record) => record.map((byte, n) => (n === 4 ? 3 : byte))),
};

export function listOddCodingInputs({ av1, vp9, aac }: PlainMedia): readonly LazyInput[] {
  const beside = (name: string, video: Make, more: Partial<TagInput> = {}): LazyInput =>
    lazy(name, async () => mixed(await video(), aac), more);
  return [
    ...Object.entries({ ...h264, ...others }).map(([name, make]) => beside(name, make)),
    ...Object.entries(av1Edits).map(([name, edit]) => beside(name, () => edit(av1))),
    ...Object.entries(vp9Edits).map(([name, edit]) => beside(name, () => edit(vp9))),
  ];
}
