/** Inputs of the sweep: sequence headers of audio that say what few do, packets of other lengths, rates and channels. */
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { type LazyInput, lazy, mixed, type TagInput } from './input.js';
import { fourCc } from './odd-tags.js';
import { classicAudio, type PlainMedia } from './plain-media.js';

type Make = () => readonly FlvTag[];
const wave = '0.25*sin(440*2*PI*t)';
const seconds = 2;
const opusHeadBytes = 5;

const aacHeader = (hex: string, tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.map((tag) => (tag.body[1] === 0 ? { ...tag, body: Uint8Array.of(0xaf, 0, ...Buffer.from(hex, 'hex')) } : tag));
/** Of AAC LC of 44.1 kHz and two channels, said otherwise. */
const aacHeaders: Readonly<Record<string, string>> = {
  'AAC called Main': '0a10',
  'AAC called SSR': '1a10',
  'AAC called LTP': '2210',
  'AAC called LD': 'ba10',
  'AAC called ELD': 'f8e84000',
  'AAC called xHE': 'f9484200',
  'AAC of frames of 960': '1214',
  'AAC that depends on a core': '121200',
  'AAC of a reserved rate': '1690',
  'AAC of reserved channels': '1240',
  'AAC of channels 0': '1200',
  'AAC of 7.1 in its header alone': '1238',
  'AAC, a header of one byte': '12',
};
const rates = [11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 64_000, 88_200];

const opusTag = (tag: FlvTag, packetType: number, data: readonly number[]): FlvTag => ({
  ...tag,
  body: Uint8Array.of(0x90 | packetType, ...fourCc('Opus'), ...data),
});
const isHead = ({ body }: FlvTag): boolean => ((body[0] ?? 0) & 15) === 0;
const packetsOf = (tags: readonly FlvTag[]) => tags.filter((tag) => !isHead(tag));
/** Lengths of frames in a packet (RFC 6716 3.2.1). */
const lengthOf = (bytes: number): readonly number[] =>
  bytes < 252 ? [bytes] : [252 + (bytes & 3), (bytes - 252 - (bytes & 3)) >> 2];
/** So many packets of one frame as one (code 3 of variable sizes, section 3.2.5). */
const merged = (count: number, tags: readonly FlvTag[]): readonly FlvTag[] => {
  const packets = packetsOf(tags);
  const heads = tags.filter(isHead);
  const groups = Array.from({ length: Math.floor(packets.length / count) }, (_, n) =>
    packets.slice(n * count, (n + 1) * count),
  );
  return [
    ...heads,
    ...groups.flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const frames = group.map(({ body }) => [...body.subarray(opusHeadBytes + 1)]);
      const toc = ((first.body[opusHeadBytes] ?? 0) & 0xfc) | 3;
      const sizes = frames.slice(0, -1).flatMap(({ length }) => lengthOf(length));
      return [opusTag(first, 1, [toc, 0x80 | count, ...sizes, ...frames.flat()])];
    }),
  ];
};
const withHead = (tags: readonly FlvTag[], edit: (head: Uint8Array) => Uint8Array): readonly FlvTag[] =>
  tags.map((tag) => (isHead(tag) ? opusTag(tag, 0, [...edit(tag.body.subarray(opusHeadBytes))]) : tag));
const opusHeads: Readonly<Record<string, (head: Uint8Array) => Uint8Array>> = {
  'Opus, a head of version 2': (head) => head.with(8, 2),
  'Opus, a head of version 16': (head) => head.with(8, 16),
  'Opus, a head that skips a second': (head) => head.with(10, 0x80).with(11, 0xbb),
  'Opus, a head of rate 0': (head) => head.with(12, 0).with(13, 0).with(14, 0),
  'Opus, a head that is cut': (head) => head.subarray(0, 11),
  'Opus, a head of no bytes': () => new Uint8Array(),
  'Opus, a head with bytes behind it': (head) => Uint8Array.of(...head, 1, 2, 3),
  'Opus, a head of three channels': (head) => head.with(9, 3),
};

/** Frames of so many tags in one. */
const gathered = (count: number, headBytes: number, tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.flatMap((tag, n) =>
    n % count !== 0
      ? []
      : [
          {
            ...tag,
            body: Uint8Array.of(
              ...tag.body,
              ...tags.slice(n + 1, n + count).flatMap(({ body }) => [...body.subarray(headBytes)]),
            ),
          },
        ],
  );
const before = (bytes: readonly number[], headBytes: number, tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.map((tag) => ({
    ...tag,
    body: Uint8Array.of(...tag.body.subarray(0, headBytes), ...bytes, ...tag.body.subarray(headBytes)),
  }));
const half = (tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.filter(({ timestampMs, body }) => body[1] === 0 || timestampMs % 400 < 200);
const mp3 = (): readonly FlvTag[] => classicAudio('libmp3lame', 44_100, 2);
const id3 = [0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 10, ...new Array<number>(10).fill(0)];

const made: Readonly<Record<string, Make>> = {
  'AAC of 7.1': () => classicAudio('aac', 48_000, 8),
  'AAC of three channels': () => classicAudio('aac', 48_000, 3),
  'AAC of four channels': () => classicAudio('aac', 48_000, 4),
  'MP3 of three frames a message': () => gathered(3, 1, mp3()),
  'MP3 of 11 kHz': () => classicAudio('libmp3lame', 11_025, 1),
  'Nellymoser of 8 kHz': () => classicAudio('nellymoser', 8000, 1),
  'Nellymoser of 16 kHz': () => classicAudio('nellymoser', 16_000, 1),
  'Nellymoser of 44 kHz': () => classicAudio('nellymoser', 44_100, 1),
  'PCM of 44 kHz stereo': () => classicAudio('pcm_s16le', 44_100, 2),
  'PCM of 5.5 kHz': () => classicAudio('pcm_s16le', 5512, 1),
  'G.711 of two channels': () => classicAudio('pcm_mulaw', 8000, 2),
  'ADPCM of 44 kHz': () => classicAudio('adpcm_swf', 44_100, 2),
  'Opus of 5.1': () => encodeEnhanced({ codec: 'Opus', wave, rateHz: 48_000, channels: 6, seconds }),
  'FLAC of 8 kHz': () => encodeEnhanced({ codec: 'FLAC', wave, rateHz: 8000, channels: 1, seconds }),
  'FLAC of 192 kHz': () => encodeEnhanced({ codec: 'FLAC', wave, rateHz: 192_000, channels: 2, seconds }),
  'E-AC-3 of 5.1': () => encodeEnhanced({ codec: 'E-AC-3', wave, rateHz: 48_000, channels: 6, seconds }),
  'AC-3 of 44 kHz mono': () => encodeEnhanced({ codec: 'AC-3', wave, rateHz: 44_100, channels: 1, seconds }),
  'enhanced AAC of 96 kHz': () => encodeEnhanced({ codec: 'AAC', wave, rateHz: 96_000, channels: 1, seconds }),
};

export function listOddSoundInputs({ h264, aac, opus, flac }: PlainMedia): readonly LazyInput[] {
  const beside = (name: string, audio: Make, more: Partial<TagInput> = {}): LazyInput =>
    lazy(name, () => mixed(h264, audio()), more);
  const either = { audio: 'either', isTone: false } as const;
  return [
    ...Object.entries(aacHeaders).map(([name, hex]) => beside(name, () => aacHeader(hex, aac), either)),
    ...rates.map((rateHz) => beside(`AAC of ${rateHz} Hz mono`, () => classicAudio('aac', rateHz, 1))),
    ...Object.entries(made).map(([name, make]) => beside(name, make)),
    ...Object.entries(opusHeads).map(([name, edit]) => beside(name, () => withHead(opus, edit))),
    ...[2, 3, 5].map((count) => beside(`Opus of ${count} frames a packet`, () => merged(count, opus))),
    // A tag before each frame: FFmpeg's decoder takes it for a frame.
    beside('MP3 behind tags of ID3', () => before(id3, 1, mp3()), either),
    beside('Opus without a head', () => packetsOf(opus)),
    beside('FLAC behind its marker', () => flac.map((tag) => (isHead(tag) ? marked(tag) : tag))),
    beside('AAC that comes half of the time', () => half(aac), { isTone: false, audio: 'either' }),
    beside('AAC of two frames a message', () => gathered(2, 2, aac.slice(1)), either),
  ];
}

/** STREAMINFO alone, and with the marker and the block's head that go before it in files. */
function marked(tag: FlvTag): FlvTag {
  const [head, record] = [tag.body.subarray(0, 5), tag.body.subarray(5)];
  const isMarked = record[0] === 0x66;
  const info = isMarked ? record.subarray(8) : Uint8Array.of(0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34, ...record);
  return { ...tag, body: Uint8Array.of(...head, ...info) };
}
