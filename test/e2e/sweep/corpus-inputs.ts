/** The corpus of the fuzzers as live sources: each sample in the place in which a source would send it, beside a track that is whole. */
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { readCorpus } from '../../fuzz/corpus.js';
import { bodiesOf } from '../../fuzz/targets/flv.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { frameMs, input, mixed, repeated, type TagInput } from './input.js';
import type { PlainMedia } from './plain-media.js';

type Track = 'audio' | 'video';

const tagOf = (track: Track, ...parts: readonly (readonly number[] | Uint8Array)[]): FlvTag => ({
  track,
  timestampMs: 0,
  body: Buffer.concat(parts.map((part) => Uint8Array.from(part))),
});
const fourCc = (name: string): Uint8Array => Buffer.from(name, 'latin1');
/** What stands before a sequence header and before a frame, by the codec (FLV 10.1 E.4, Enhanced RTMP v2). */
const heads: Readonly<Record<string, readonly [config: readonly number[], frame: readonly number[]]>> = {
  H264: [
    [0x17, 0, 0, 0, 0],
    [0x17, 1, 0, 0, 0],
  ],
  HEVC: [
    [0x1c, 0, 0, 0, 0],
    [0x1c, 1, 0, 0, 0],
  ],
  AV1: [
    [0x90, ...fourCc('av01')],
    [0x91, ...fourCc('av01')],
  ],
  VP9: [
    [0x90, ...fourCc('vp09')],
    [0x91, ...fourCc('vp09')],
  ],
  AAC: [
    [0xaf, 0],
    [0xaf, 1],
  ],
  Opus: [
    [0x90, ...fourCc('Opus')],
    [0x91, ...fourCc('Opus')],
  ],
  FLAC: [
    [0x90, ...fourCc('fLaC')],
    [0x91, ...fourCc('fLaC')],
  ],
  'AC-3': [[], [0x91, ...fourCc('ac-3')]],
  MP3: [[], [0x2f]],
};
const headOf = (codec: string, kind: 'config' | 'frame'): readonly number[] =>
  heads[codec]?.[kind === 'config' ? 0 : 1] ?? [];
const stepMs: Readonly<Record<Track, number>> = { audio: 20, video: frameMs };
/** What is damaged is there if a picture comes now and then. */
const leastFps = 0.5;
const codecNames = ['H264', 'HEVC', 'AV1', 'VP9'];

/** As the target of the assembler takes them (test/fuzz/targets/codec.ts), in tags. */
function tagsOfMessages(sample: Uint8Array): readonly FlvTag[] {
  const codec = codecNames[(sample[0] ?? 0) & 3] ?? '';
  return [...bodiesOf(sample.subarray(1))].map(([head = 0, ...data]) =>
    tagOf('video', headOf(codec, (head & 0x80) !== 0 ? 'config' : 'frame'), data),
  );
}

const isConfig = ({ body }: FlvTag): boolean => parseVideoTag(body).kind === 'config';

export function makeCorpusInputs({ h264, hevc, av1, vp9, aac, opus, flac }: PlainMedia): readonly TagInput[] {
  const whole: Readonly<Record<Track, readonly FlvTag[]>> = { audio: h264, video: aac };
  const fates = (track: Track): Partial<TagInput> =>
    track === 'video' ? { video: 'either', fps: leastFps } : { audio: 'either', isTone: false };
  const each = (target: string, track: Track, made: (bytes: Uint8Array) => readonly FlvTag[]): readonly TagInput[] =>
    readCorpus(target).map(({ name, bytes }) =>
      input(`${target}/${name}`, mixed(made(bytes), whole[track]), fates(track)),
    );
  const bodies = (track: Track, made: (bytes: Uint8Array) => Iterable<Uint8Array>) => (bytes: Uint8Array) =>
    repeated(track, [...made(bytes)], stepMs[track]);
  const before = (track: Track, codec: string, plain: readonly FlvTag[]) => (bytes: Uint8Array) => [
    tagOf(track, headOf(codec, 'config'), bytes),
    ...plain.slice(1),
  ];
  const frames = (track: Track, codec: string, header: readonly FlvTag[]) => (bytes: Uint8Array) => [
    ...header,
    ...repeated(track, [tagOf(track, headOf(codec, 'frame'), bytes).body], stepMs[track]),
  ];
  const messages = (bytes: Uint8Array): readonly FlvTag[] => {
    const tags = tagsOfMessages(bytes);
    const others = tags.filter((tag) => !isConfig(tag)).map(({ body }) => body);
    return [...tags.filter(isConfig), ...repeated('video', others, frameMs)];
  };
  const header = (plain: readonly FlvTag[]): readonly FlvTag[] => plain.slice(0, 1);
  const said = (target: string): TagInput => {
    const data = readCorpus(target).map(({ bytes }) => ({ track: 'data' as const, timestampMs: 0, body: bytes }));
    return input(`${target} beside the media`, [...data, ...mixed(h264, aac)]);
  };
  return [
    ...each(
      'video',
      'video',
      bodies('video', (bytes) => [bytes]),
    ),
    ...each('videoPath', 'video', bodies('video', bodiesOf)),
    ...each('accessUnit', 'video', messages),
    ...each('avcC', 'video', before('video', 'H264', h264)),
    ...each('hvcC', 'video', before('video', 'HEVC', hevc)),
    ...each('av1C', 'video', before('video', 'AV1', av1)),
    ...each('sps', 'video', frames('video', 'H264', header(h264))),
    ...each('nals', 'video', frames('video', 'H264', header(h264))),
    ...each('slice', 'video', frames('video', 'H264', header(h264))),
    ...each('av1', 'video', frames('video', 'AV1', header(av1))),
    ...each('vp9header', 'video', frames('video', 'VP9', header(vp9))),
    ...each(
      'audio',
      'audio',
      bodies('audio', (bytes) => [bytes]),
    ),
    ...each('audioPath', 'audio', bodies('audio', bodiesOf)),
    ...each('asc', 'audio', before('audio', 'AAC', aac)),
    ...each('opusHead', 'audio', before('audio', 'Opus', opus)),
    ...each('flac', 'audio', before('audio', 'FLAC', flac)),
    ...each('adts', 'audio', frames('audio', 'AAC', [])),
    ...each('opus', 'audio', frames('audio', 'Opus', header(opus))),
    ...each('mp3', 'audio', frames('audio', 'MP3', [])),
    ...each('ac3', 'audio', frames('audio', 'AC-3', [])),
    ...['script', 'amf0', 'amf3', 'command'].map(said),
  ];
}
