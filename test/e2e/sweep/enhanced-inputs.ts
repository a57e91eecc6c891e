/** Inputs of the sweep: video by Enhanced RTMP in its forms, by the headers from before it, and codecs that nobody plays. */
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';
import { fps, frameMs, input, mixed, repeated, roundMs, type TagInput, trackOf } from './input.js';
import { around, type Coded, classicTag, each, fourCc, readCoded, s24, typeBits } from './odd-tags.js';
import type { PlainMedia } from './plain-media.js';

/** Enhanced RTMP v2, ExVideoTagHeader: CodedFrames, or CodedFramesX. */
const enhanced = (name: string, hasTime: boolean) =>
  each((coded) => {
    const packetType = coded.isConfig ? 0 : hasTime ? 1 : 3;
    const time = packetType === 1 && name !== 'av01' && name !== 'vp09' ? s24(coded.compositionTimeMs) : [];
    return Uint8Array.of(0x80 | typeBits(coded) | packetType, ...fourCc(name), ...time, ...coded.data);
  });
const classic = (codecId: number) => each((coded) => classicTag(coded, codecId));

interface Part {
  readonly name: string;
  readonly trackId: number;
  readonly of: (coded: Coded) => Uint8Array;
}
/** AvMultitrackType 0: one track; 1: many of one codec; 2: many. */
const multitrack = (type: 0 | 1 | 2, parts: readonly Part[]) =>
  each((coded) => {
    const bodies = parts.flatMap(({ name, trackId, of }, n) => {
      const data = of(coded);
      const hasName = type === 2 || n === 0;
      return [...(hasName ? fourCc(name) : []), trackId, ...(type === 0 ? [] : s24(data.length)), ...data];
    });
    return Uint8Array.of(0x80 | typeBits(coded) | 6, (type << 4) | (coded.isConfig ? 0 : 3), ...bodies);
  });
/** TimestampOffsetNano before each picture. */
const withNanoseconds = each((coded) =>
  coded.isConfig
    ? Uint8Array.of(0x90, ...fourCc('avc1'), ...coded.data)
    : Uint8Array.of(
        ...[0x80 | typeBits(coded) | 7, 2, ...s24(500_000), 0x01],
        ...[...fourCc('avc1'), ...s24(coded.compositionTimeMs), ...coded.data],
      ),
);
const avc = (trackId: number): Part => ({ name: 'avc1', trackId, of: ({ data }) => data });
const unknown: Part = { name: 'vvc1', trackId: 0, of: () => Uint8Array.of(1, 2, 3, 4) };
/** Of another stream, and cut. */
const falseRecord = Uint8Array.of(0x17, 0, 0, 0, 0, 1, 0x42, 0, 30, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0, 30, 1, 0, 1, 0x68);

const sorenson = (): readonly FlvTag[] =>
  trackOf(
    encodeFlv([
      ...['-f', 'lavfi', '-i', `testsrc2=size=160x96:rate=${fps}`, '-t', String(roundMs / 1000)],
      ...['-c:v', 'flv', '-g', '25'],
    ]),
    'video',
  );

const withoutHeader = (tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.filter((tag) => readCoded(tag)?.isConfig !== true);
const command = Uint8Array.of(0xd0, 0);
const metadata = Uint8Array.of(0x94, ...fourCc('avc1'), 2, 0, 1, 0x61);
const ofNoType = [0xa9, 0xa5].map((first) => Uint8Array.of(first, ...fourCc('avc1'), 1, 2));

export function makeEnhancedInputs({ h264, hevc, av1, vp9, aac }: PlainMedia): readonly TagInput[] {
  const beside = (name: string, video: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(video, aac), more);
  const header = h264[0]?.body ?? new Uint8Array();
  const unsupported = { video: 'source.unsupportedCodec' } as const;
  return [
    beside('enhanced avc1 with composition times', enhanced('avc1', true)(h264)),
    beside('enhanced avc1 without', enhanced('avc1', false)(h264)),
    beside('enhanced hev1', enhanced('hev1', true)(hevc)),
    beside('enhanced hvc1 without composition times', enhanced('hvc1', false)(hevc)),
    beside('HEVC by codec id 12', classic(12)(hevc)),
    beside('AV1 by codec id 13', classic(13)(av1)),
    beside('AV1 by CodedFramesX', enhanced('av01', false)(av1)),
    beside('VP9 by CodedFramesX', enhanced('vp09', false)(vp9)),
    beside('VP9 without a header', enhanced('vp09', true)(withoutHeader(vp9))),
    beside('AV1 without a header', enhanced('av01', true)(withoutHeader(av1))),
    beside('half milliseconds by ModEx', withNanoseconds(h264)),
    beside('one track of many, number 0', multitrack(0, [avc(0)])(h264)),
    beside('one track of many, number 1', multitrack(0, [avc(1)])(h264)),
    beside('many tracks of one codec', multitrack(1, [avc(0), avc(1)])(h264)),
    beside('tracks 2 and 1', multitrack(1, [avc(2), avc(1)])(h264)),
    beside('track 1 before track 0', multitrack(1, [avc(1), avc(0)])(h264)),
    beside('a track that is not known, and one that is', multitrack(2, [unknown, avc(1)])(h264), unsupported),
    beside('commands and metadata between pictures', enhanced('avc1', true)(h264), {
      manner: around('video', [command, metadata]),
    }),
    beside('packets of no known type between pictures', enhanced('avc1', true)(h264), {
      manner: around('video', ofNoType),
    }),
    beside('VP8', repeated('video', [Uint8Array.of(0x91, ...fourCc('vp08'), 1, 2, 3)], frameMs), unsupported),
    beside('Sorenson H.263', sorenson(), unsupported),
    beside('a header before each picture', h264, { manner: around('video', [header]) }),
    beside('an end of sequence behind each picture', h264, {
      manner: around('video', [], [Uint8Array.of(0x17, 2, 0, 0, 0), Uint8Array.of(0x17, 2)]),
    }),
    beside('a header of another stream first', h264, {
      manner: { reword: (sent, n) => (n === 0 ? [{ ...sent, type: 'video', body: falseRecord }, sent] : [sent]) },
    }),
  ];
}
