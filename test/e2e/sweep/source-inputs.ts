/** Inputs of the sweep that are made of encoders' output, odd as the world sends it (test/README.md, Field rows). */

import { joinNals } from '../../../src/core/access-unit/nal-framing.js';
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { deadVideo, oddVideo } from '../../support/source/odd-video.js';
import { frameMs, input, mixed, repeated, roundMs, type TagInput, trackOf } from './input.js';
import { classicAudio, classicVideo, enhancedAudio, makeVideo, type PlainMedia } from './plain-media.js';

const headerOf = (tags: readonly FlvTag[]): readonly FlvTag[] => tags.slice(0, 1);
const framesOf = (tags: readonly FlvTag[]): readonly FlvTag[] => tags.slice(1);
const metadata = (said: Readonly<Record<string, number | boolean>>): FlvTag => ({
  track: 'data',
  timestampMs: 0,
  body: encodeAmf0('onMetaData', { ...said }),
});
/** The same stamp for so many frames in a row. */
const bunched = (tags: readonly FlvTag[], count: number): readonly FlvTag[] => [
  ...headerOf(tags),
  ...framesOf(tags).map((tag, n, all) => ({ ...tag, timestampMs: all[n - (n % count)]?.timestampMs ?? 0 })),
];
/** Other bytes behind so many of the first. */
const scrambled = (tags: readonly FlvTag[], kept: number): readonly FlvTag[] => [
  ...headerOf(tags),
  ...framesOf(tags).map((tag) => ({ ...tag, body: tag.body.map((byte, at) => (at < kept ? byte : 0xff)) })),
];

async function videoInputs({ h264, hevc, av1, vp9, aac }: PlainMedia): Promise<readonly TagInput[]> {
  const beside = (name: string, video: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(video, aac), more);
  const bFrames = { bFrames: 2 };
  const x265 = 'log-level=none:bframes=0:pools=1:frame-threads=1:keyint=900:intra-refresh=1';
  const refreshed = await makeVideo({ codec: 'HEVC', gop: 900, options: { 'x265-params': x265 } });
  return [
    ...Object.entries(oddVideo).map(([what, edit]) => beside(`H264, ${what}`, edit(h264))),
    // How units are framed is read by the same code.
    ...Object.entries(oddVideo)
      .filter(([what]) => what.includes('header') || what.includes('picture'))
      .map(([what, edit]) => beside(`HEVC, ${what}`, edit(hevc))),
    ...Object.entries(deadVideo).flatMap(([what, { code, edit }]) => [
      beside(`H264, ${what}`, edit(h264), { video: code }),
      beside(`HEVC, ${what}`, edit(hevc), { video: code }),
      input(`H264 alone, ${what}`, edit(h264), { video: code }),
    ]),
    beside('AV1', av1),
    beside('VP9', vp9),
    beside('H264 with B-frames', await makeVideo({ codec: 'H264', ...bFrames })),
    beside('HEVC with B-frames', await makeVideo({ codec: 'HEVC', ...bFrames })),
    beside('HEVC of 10 bits', await makeVideo({ codec: 'HEVC', isDeep: true })),
    beside('H264 of 10 bits', classicVideo('-pix_fmt', 'yuv420p10le')),
    beside('H264 of 4:2:2', classicVideo('-pix_fmt', 'yuv422p')),
    beside('H264 of 4:4:4', classicVideo('-pix_fmt', 'yuv444p')),
    beside('H264 of fields', classicVideo('-pix_fmt', 'yuv420p', '-x264-params', 'interlaced=1')),
    // x265 writes no recovery points: nobody knows where to begin.
    beside('HEVC with intra refresh, without its first picture', withoutKeyframes(refreshed), {
      video: 'source.noKeyframe',
    }),
    beside('H264 with intra refresh', classicVideo('-pix_fmt', 'yuv420p', '-x264-params', 'intra-refresh=1')),
  ];
}

function audioInputs({ h264, aac, opus, flac }: PlainMedia): readonly TagInput[] {
  const beside = (name: string, audio: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(h264, audio), more);
  return [
    input('AAC alone', aac),
    beside('AAC of 48 kHz mono', classicAudio('aac', 48_000, 1)),
    beside('AAC without a header', framesOf(aac)),
    beside('ten AAC frames under one stamp', bunched(aac, 10)),
    beside('MP3', classicAudio('libmp3lame', 44_100, 2)),
    beside('Speex', classicAudio('libspeex', 16_000, 1)),
    beside('Nellymoser', classicAudio('nellymoser', 22_050, 1)),
    beside('PCM', classicAudio('pcm_s16le', 44_100, 1)),
    beside('G.711', classicAudio('pcm_mulaw', 8000, 1)),
    beside('FLAC', flac),
    beside('FLAC without a header', framesOf(flac)),
    beside('Opus', opus),
    ...(['AC-3', 'E-AC-3', 'MP3'] as const).map((codec) => beside(`enhanced ${codec}`, enhancedAudio(codec))),
    beside('AAC that does not decode', scrambled(aac, 2), { audio: 'source.unreadableAudio' }),
    input('AAC alone that does not decode', scrambled(aac, 2), { audio: 'source.unreadableAudio' }),
    beside('FLAC that does not decode', scrambled(flac, 5), { audio: 'source.unreadableAudio' }),
    beside('a codec of audio that is not known', repeated('audio', [Uint8Array.of(0xd2, 1, 2, 3)], 20), {
      audio: 'source.unsupportedCodec',
    }),
  ];
}

/** A round that does not end while it is watched. */
const longMs = 60_000;

/** Tracks that are announced and do not come, or come no more. */
function silentTracks({ h264, aac }: PlainMedia): readonly TagInput[] {
  const promised = metadata({ width: 160, height: 90, videocodecid: 7, audiocodecid: 10 });
  const command = Uint8Array.of(0x52, 0);
  const noPicture = Uint8Array.of(0x27, 1, 0, 0, 0, ...joinNals([Uint8Array.of(9, 0xf0)]));
  const code = 'source.trackSilent';
  return [
    input('a header of video and no picture', mixed(headerOf(h264), aac), { video: code }),
    input('a header of audio and no frame', mixed(h264, headerOf(aac)), { audio: code }),
    input('headers alone', [...headerOf(h264), ...headerOf(aac), ...repeated('video', [command], frameMs)], {
      video: code,
      audio: code,
    }),
    input('headers, and nothing more', [...headerOf(h264), ...headerOf(aac)], {
      roundMs: longMs,
      video: code,
      audio: code,
    }),
    input('metadata that promise video', [promised, ...aac], { video: code }),
    input('metadata and pictures without sets', [promised, ...mixed(framesOf(h264), aac)], {
      video: 'source.noParameterSets',
    }),
    input('commands of video alone', mixed(repeated('video', [command], frameMs), aac), { video: code }),
    input('delimiters in place of pictures', mixed(headerOf(h264), repeated('video', [noPicture], frameMs), aac), {
      video: code,
    }),
    input(
      'pictures of no bytes',
      mixed(headerOf(h264), repeated('video', [Uint8Array.of(0x27, 1, 0, 0, 0)], 40), aac),
      {
        video: 'either',
      },
    ),
    input('no keyframe ever', mixed(withoutKeyframes(h264), aac), { video: 'source.noKeyframe' }),
    input('no keyframe ever, alone', mixed(withoutKeyframes(h264)), { video: 'source.noKeyframe' }),
    input('video that ends', mixed(h264, aac), { video: code, ends: { track: 'video', afterMs: roundMs } }),
    input('audio that ends', mixed(h264, aac), { audio: code, ends: { track: 'audio', afterMs: roundMs } }),
  ];
}

const withoutKeyframes = (tags: readonly FlvTag[]): readonly FlvTag[] =>
  trackOf(tags, 'video').filter(({ body }) => {
    const read = parseVideoTag(body);
    return read.kind !== 'frame' || !read.isKeyframe;
  });

export async function makeSourceInputs(media: PlainMedia): Promise<readonly TagInput[]> {
  return [...(await videoInputs(media)), ...audioInputs(media), ...silentTracks(media)];
}
