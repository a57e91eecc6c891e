/** Inputs of the sweep: clocks of sources that run at another speed than time, and sources of another pace. */
import type { FlvTag } from '../../support/source/flv-file.js';
import { input, type LazyInput, lazy, mixed, roundMs, type TagInput, trackOf } from './input.js';
import type { Manner, Sent } from './manner.js';
import { classicAudio, makeVideo, type PlainMedia } from './plain-media.js';

type Stamp = (ms: number, type: Sent['type']) => number;

const stamped = (of: Stamp): Manner => ({
  reword: (sent) => [{ ...sent, timestampMs: Math.floor(of(sent.timestampMs, sent.type)) % 2 ** 32 }],
});
const timed = { isTimed: true, toldMs: 10_000 } as const;

const wholeClocks: Readonly<Record<string, Stamp>> = {
  'stamps at twice the speed': (ms) => ms * 2,
  'stamps at half the speed, timed': (ms) => ms / 2,
  'stamps at four times the speed': (ms) => ms * 4,
  'stamps at ten times the speed': (ms) => ms * 10,
  'stamps at 1.3 of the speed': (ms) => ms * 1.3,
  'stamps at 0.8 of the speed': (ms) => ms * 0.8,
  'stamps of audio as of 48 kHz': (ms, type) => (type === 'audio' ? (ms * 44.1) / 48 : ms),
  'stamps of audio at half the speed': (ms, type) => (type === 'audio' ? ms / 2 : ms),
  'stamps of audio at twice the speed': (ms, type) => (type === 'audio' ? ms * 2 : ms),
  'stamps of video at twice the speed': (ms, type) => (type === 'video' ? ms * 2 : ms),
  'stamps of audio at twice, of video at half the speed': (ms, type) => (type === 'audio' ? ms * 2 : ms / 2),
  'stamps at twice the speed that wrap': (ms) => 2 ** 32 - 10_000 + ms * 2,
  'stamps of both in steps of a second': (ms) => ms - (ms % 1000),
  'stamps of video in steps of a second': (ms, type) => (type === 'video' ? ms - (ms % 1000) : ms),
  'stamps that run backwards': (ms) => 3_600_000 - ms,
};

/** The same media in another time: what is sent in a second lasts so long. */
function paced(name: string, tags: readonly FlvTag[], pace: number, more: Partial<TagInput>): TagInput {
  const hastened = tags.map((tag) => ({ ...tag, timestampMs: tag.timestampMs / pace }));
  return input(name, hastened, { roundMs: roundMs / pace, manner: stamped((ms) => ms * pace), ...more });
}

export function listClockInputs({ h264, aac, opus }: PlainMedia): readonly LazyInput[] {
  const whole = mixed(h264, aac);
  const clock = (name: string, tags: () => readonly FlvTag[] | Promise<readonly FlvTag[]>, of: Stamp) =>
    lazy(name, tags, { manner: stamped(of), ...timed });
  const beside = (name: string, audio: () => readonly FlvTag[], of: Stamp): LazyInput =>
    clock(name, () => mixed(h264, audio()), of);
  const twice: Stamp = (ms) => ms * 2;
  const both = (code: 'source.tooSlow' | 'source.tooFast') => ({ audio: code, video: code, toldMs: 10_000 });
  return [
    ...Object.entries(wholeClocks).map(([name, of]) => clock(name, () => whole, of)),
    clock('video alone, stamps at twice the speed', () => trackOf(h264, 'video'), twice),
    clock(
      'video alone, stamps at half the speed',
      () => trackOf(h264, 'video'),
      (ms) => ms / 2,
    ),
    clock('audio alone, stamps at twice the speed', () => aac, twice),
    beside('MP3, stamps at twice the speed', () => classicAudio('libmp3lame', 44_100, 2), twice),
    beside('Opus, stamps at twice the speed', () => opus, twice),
    beside('Speex, stamps at twice the speed', () => classicAudio('libspeex', 16_000, 1), twice),
    clock(
      'B-frames, stamps at twice the speed',
      async () => mixed(await makeVideo({ codec: 'H264', bFrames: 2 }), aac),
      twice,
    ),
    lazy('lumps of 400 ms, stamps at twice the speed', () => whole, {
      manner: { ...stamped(twice), lumpMs: 400 },
      ...timed,
    }),
    { name: 'half the pace', make: () => paced('half the pace', whole, 0.5, both('source.tooSlow')) },
    { name: 'twice the pace', make: () => paced('twice the pace', whole, 2, both('source.tooFast')) },
    {
      name: 'half the pace, audio alone',
      make: () => paced('half the pace, audio alone', aac, 0.5, { audio: 'source.tooSlow', toldMs: 10_000 }),
    },
  ];
}
