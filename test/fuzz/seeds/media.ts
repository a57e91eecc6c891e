/** FLV tags: what encoders write (test/support/source/enhanced-publisher.ts), and what is rare. */
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { recordEnhanced } from '../../support/source/enhanced-recording.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import type { EnhancedCodecs } from '../../support/source/publisher.js';
import { named, type Seeds, tableOf } from './seed.js';

/** A longer one says no more to a parser that reads headers. */
const maxTagBytes = 1500;
/** Of each track: its header, and the first that follow. */
const maxTags = 4;

const encodings: readonly EnhancedCodecs[] = [
  { video: 'libx264', audio: 'aac' },
  { video: 'libx265', audio: 'libopus' },
  { video: 'libsvtav1', audio: 'flac' },
  { video: 'libvpx-vp9', audio: 'ac3' },
  { video: 'libx264', audio: 'libmp3lame' },
];

const rare = {
  video: {
    'avc end of sequence': '1702000000',
    'avc with a negative composition time': '2701ffffde 0000000141',
    'a command': '5200',
    'enhanced metadata': '94 61766331 02000a 636f6c6f72496e666f',
    'enhanced with a nanosecond offset': '97 02 07a120 01 61766331 0000000165',
    'enhanced with a long ModEx': `97 ff 00ff ${'00'.repeat(256)} 11 61766331 000000 0000000165`,
    'one track of many': '96 01 61766331 01 000000 0000000165',
    'many tracks of one codec': '96 13 61766331 00 000005 0000000165 01 000005 0000000165',
    'many tracks of many codecs': '96 23 61766331 00 000005 0000000165 68766331 01 000005 0000000126',
    'multitrack in multitrack': '96 06 61766331 00',
  },
  audio: {
    'aac configuration': 'af00 1210',
    'aac frame': 'af01 21004990021900',
    speex: 'b6 00',
    'g.711': '72 ffff',
    'enhanced multitrack': '95 01 4f707573 00 fcff',
    'enhanced many tracks': '95 21 4f707573 00 000002 fcff 6d703461 01 000002 2100',
    'enhanced multichannel configuration': '94 4f707573 01 06 000000000000003f',
  },
};

/** A body behind two bytes of its length, as the targets of whole paths take them. */
const sized = (body: Uint8Array): Uint8Array => Uint8Array.of(body.length >> 8, body.length & 255, ...body);

const codecNames = ['H264', 'HEVC', 'AV1', 'VP9'];

/** As the target of the assembler takes them: the codec, then messages, sequence headers marked by their first byte. */
function messagesOf(bodies: readonly Uint8Array[]): Uint8Array {
  const read = bodies
    .map((body) => parseVideoTag(body))
    .flatMap((tag) => (tag.kind === 'config' || tag.kind === 'frame' ? [tag] : []));
  const messages = read.map((tag) => {
    const head = tag.kind === 'config' ? 0x80 : tag.isKeyframe ? 1 : 0;
    return sized(Uint8Array.of(head, ...tag.data));
  });
  return Buffer.concat([Uint8Array.of(codecNames.indexOf(read[0]?.codec ?? 'H264')), ...messages]);
}

/** H264 in messages that hold parts of pictures: sets alone, SEI alone, slices of one picture, start codes, fields. */
const oddMessages = {
  'sets, SEI and slices in messages of their own':
    '00 0020 01 00000019 6764001eacb405017fcb80880000030008000003019078b175 0009 01 00000004 68ef3cb0 000a 01 00000005 0606018480 000a 01 00000005 6588840a7f 000a 01 00000005 6501e22210 000a 00 00000005 419a2621cf',
  'start codes':
    '00 002d 01 00000001 6764001eacb405017fcb80880000030008000003019078b175 00000001 68ef3cb0 00000001 6588840a7f',
  'a recovery point': '00 0014 00 00000005 0606018480 00000006 419a2621cf80',
  'a new session in the midst': '00 000a 02 00000005 6588840a7f 000a 00 00000005 6501e22210',
};

export async function makeMediaSeeds(): Promise<Seeds> {
  const rows: Record<FlvTag['track'], [what: string, body: Uint8Array][]> = { video: [], audio: [], data: [] };
  const videoPath: [string, Uint8Array][] = [];
  const audioPath: [string, Uint8Array][] = [];
  const accessUnit: [string, Uint8Array][] = [];
  for (const codecs of encodings) {
    const tags = await recordEnhanced(codecs);
    const bodies = (track: FlvTag['track']): Uint8Array[] =>
      tags
        .filter((tag) => tag.track === track)
        .slice(0, maxTags)
        .map(({ body }) => body.subarray(0, maxTagBytes));
    for (const [n, body] of bodies('video').entries()) rows.video.push([`${codecs.video} ${n}`, body]);
    for (const [n, body] of bodies('audio').entries()) rows.audio.push([`${codecs.audio} ${n}`, body]);
    for (const body of bodies('data')) rows.data.push([`${codecs.video} ${codecs.audio}`, body]);
    videoPath.push([codecs.video, Buffer.concat(bodies('video').map(sized))]);
    accessUnit.push([codecs.video, messagesOf(bodies('video'))]);
    audioPath.push([codecs.audio, Buffer.concat(bodies('audio').map(sized))]);
  }
  return {
    video: named([...rows.video, ...tableOf(rare.video)]),
    videoPath: named([...videoPath, ['one after the other', Buffer.concat(videoPath.map(([, bytes]) => bytes))]]),
    accessUnit: named([...accessUnit, ...tableOf(oddMessages)]),
    audio: named([...rows.audio, ...tableOf(rare.audio)]),
    audioPath: named([...audioPath, ['one after the other', Buffer.concat(audioPath.map(([, bytes]) => bytes))]]),
    script: named([
      ...rows.data,
      ['in AMF3 form', Uint8Array.of(0, ...encodeAmf0('onMetaData', { hasVideo: true }))],
      ['without metadata', encodeAmf0('onMetaData')],
      ['another event', encodeAmf0('onTextData', { text: 'x' })],
    ]),
  };
}
