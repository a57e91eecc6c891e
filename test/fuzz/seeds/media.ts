/** FLV tags and headers of codecs: what encoders wrote (test/support/enhanced-publisher.ts), and what the tables of the unit tests have. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeAmf0 } from '../../../src/core/rtmp/amf0.js';
import { startChild } from '../../support/child.js';
import { type FlvTag, cutFlv } from '../../support/flv-file.js';
import type { EnhancedCodecs } from '../../support/publisher.js';
import { bytesOf, h264Samples } from '../../unit/core/codec/h264-samples.js';
import { fromHex, named, type Seeds } from './seed.js';

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

async function encoded({ video, audio }: EnhancedCodecs): Promise<FlvTag[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-corpus-'));
  const file = join(folder, 'sample.flv');
  const publisher = await startChild(process.execPath, [
    '.build/js/test/support/enhanced-publisher.js',
    file,
    video,
    audio,
  ]);
  const code = await publisher.exited;
  if (code !== 0) throw new Error(`${code}\n${publisher.lines.join('\n')}`);
  const tags = cutFlv(readFileSync(file));
  rmSync(folder, { recursive: true });
  return tags;
}

type Rows = (readonly [string, Uint8Array])[];

const hand: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
  slice: {
    'idr, I': '65 88843a26',
    'not idr, P': '41 9a202a80',
    'not idr, B, not a reference': '01 9e4278',
    'zeros only': '41 0000000000000000000000000000000000',
  },
  nal: {
    'three units of four-byte lengths': '02 40 00000002 6588 00000002 4188 00000001 06',
    'one-byte lengths': '00 10 02 6588 03 418899',
    'two-byte lengths, empty units': '01 08 0000 0000 0002 6588',
    'a length beyond the end': '02 40 7fffffff 65',
  },
  asc: {
    'lc 44100 stereo': '1210',
    'lc 48000 mono': '1188',
    'he-aac explicit': '2b920800',
    'he-aac v2 explicit': 'eb8a0800',
    'he-aac by extension': '139056e5a0',
    'he-aac v2 by extension': '139056e5a5488800',
    'a rate of its own': '17ab887000',
    'a program config element': '1200 0540021000056c69626661 61',
    'an escaped type': 'f8e84000',
    eld: 'f8e85000',
  },
};

export async function makeMediaSeeds(): Promise<Seeds> {
  const rows = { video: [] as Rows, audio: [] as Rows, data: [] as Rows };
  for (const codecs of encodings) {
    const counts = { video: 0, audio: 0, data: 0 };
    for (const { track, body } of await encoded(codecs)) {
      counts[track] += 1;
      if (counts[track] > maxTags) continue;
      const codec =
        track === 'video' ? codecs.video : track === 'audio' ? codecs.audio : `${codecs.video} ${codecs.audio}`;
      rows[track].push([`${codec} ${counts[track]}`, body.subarray(0, maxTagBytes)]);
    }
  }
  const table = (target: string): Rows => Object.entries(hand[target] ?? {}).map(([what, hex]) => [what, fromHex(hex)]);
  const records = h264Samples.map(({ name, record }) => [name, bytesOf(record)] as const);
  return {
    video: named([...rows.video, ...table('video')]),
    audio: named([...rows.audio, ...table('audio')]),
    script: named([
      ...rows.data,
      ['in AMF3 form', Uint8Array.of(0, ...encodeAmf0('onMetaData', { hasVideo: true }))],
      ['without metadata', encodeAmf0('onMetaData')],
      ['another event', encodeAmf0('onTextData', { text: 'x' })],
    ]),
    avcC: named(records),
    // Behind the six bytes of the record's head and two of length.
    sps: named(
      records.map(([name, record]) => [name, record.subarray(8, 8 + (record[6] ?? 0) * 256 + (record[7] ?? 0))]),
    ),
    slice: named(table('slice')),
    nal: named(table('nal')),
    asc: named(table('asc')),
  };
}
