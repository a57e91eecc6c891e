/** Inputs of the sweep: audio, its headers and the metadata of both tracks in forms that few sources send. */
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import { heAacVersions } from '../../support/media/he-aac.js';
import { encodeEnhanced } from '../../support/source/enhanced-audio.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { input, mixed, type TagInput, trackOf } from './input.js';
import type { Sent } from './manner.js';
import { around, fourCc } from './odd-tags.js';
import { classicAudio, enhancedAudio, type PlainMedia } from './plain-media.js';

const header = (hex: string): Uint8Array => Uint8Array.of(0xaf, 0, ...Buffer.from(hex, 'hex'));
const withHeader = (hex: string, tags: readonly FlvTag[]): readonly FlvTag[] => [
  { track: 'audio', timestampMs: 0, body: header(hex) },
  ...tags.filter(({ body }) => body[1] !== 0),
];
const enhancedAac = (tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.map((tag) => ({
    ...tag,
    body: Uint8Array.of(0x90 | (tag.body[1] ?? 0), ...fourCc('mp4a'), ...tag.body.subarray(2)),
  }));
const multitrack = (trackId: number, tags: readonly FlvTag[]): readonly FlvTag[] =>
  tags.map((tag) => ({
    ...tag,
    body: Uint8Array.of(0x95, tag.body[1] ?? 0, ...fourCc('mp4a'), trackId, ...tag.body.subarray(2)),
  }));
/** These data before all else, and with each message number 25. */
const saying = (...bodies: readonly Uint8Array[]) => ({
  reword: (sent: Sent, n: number): readonly Sent[] =>
    n % 25 !== 0 ? [sent] : [...bodies.map((body) => ({ ...sent, type: 'dataAmf0' as const, body })), sent],
});
/** A frame in an ADTS header of 44.1 kHz and two channels. */
const inAdts = (tags: readonly FlvTag[], hasHeader: boolean): readonly FlvTag[] =>
  tags
    .filter(({ body }) => hasHeader || body[1] !== 0)
    .map((tag) => {
      if (tag.body[1] === 0) return tag;
      const frame = tag.body.subarray(2);
      const size = frame.length + 7;
      const adts = [0xff, 0xf1, 0x50, 0x80 | (size >> 11), (size >> 3) & 255, ((size & 7) << 5) | 0x1f, 0xfc];
      return { ...tag, body: Uint8Array.of(0xaf, 1, ...adts, ...frame) };
    });

export function makeOddAudioInputs({ h264, aac, opus }: PlainMedia): readonly TagInput[] {
  const beside = (name: string, audio: readonly FlvTag[], more: Partial<TagInput> = {}): TagInput =>
    input(name, mixed(h264, audio), more);
  const whole = mixed(h264, aac);
  const said = (name: string, ...bodies: readonly Uint8Array[]): TagInput =>
    input(name, whole, { manner: saying(...bodies) });
  const mono48 = classicAudio('aac', 48_000, 1);
  const aacHeader = aac[0]?.body ?? new Uint8Array();
  const object = (...fields: readonly number[]): Uint8Array => Uint8Array.of(...encodeAmf0('onMetaData'), ...fields);
  const half = (one: readonly FlvTag[], other: readonly FlvTag[]): readonly FlvTag[] => [
    ...one.filter(({ timestampMs }) => timestampMs < 1000),
    ...other.filter(({ timestampMs }) => timestampMs >= 1000),
  ];
  return [
    beside('AAC of 8 kHz mono', classicAudio('aac', 8000, 1)),
    beside('AAC of 5.1', classicAudio('aac', 48_000, 6)),
    beside('AAC of 96 kHz', classicAudio('aac', 96_000, 2)),
    ...heAacVersions.map(({ name, unsaid }) =>
      beside(`${name}, its header of the core alone`, withHeader(unsaid, aac), { audio: 'either', isTone: false }),
    ),
    beside('AAC behind headers of ADTS', inAdts(aac, true)),
    beside('AAC behind headers of ADTS, no other', inAdts(aac, false)),
    beside('a header of AAC that says nothing, then one that does', aac, {
      manner: { reword: (sent, n) => (n === 0 ? [{ ...sent, type: 'audio', body: header('ff') }, sent] : [sent]) },
    }),
    beside('a header of AAC before each frame', aac, { manner: around('audio', [aacHeader]) }),
    beside('a header of AAC with bytes behind it', withHeader('121056e500ffee', aac)),
    beside('a header of AAC that signals its extension', withHeader('121056e500', aac)),
    beside('a header of AAC of rate 15', withHeader('1780562210', aac)),
    beside('two headers of AAC by turns', half(aac, mono48), {
      manner: {
        reword: (sent) =>
          sent.type !== 'audio'
            ? [sent]
            : [{ ...sent, body: sent.timestampMs % 2000 < 1000 ? aacHeader : (mono48[0]?.body ?? aacHeader) }, sent],
      },
      isTone: false,
    }),
    beside('AAC and MP3 by turns', half(aac, classicAudio('libmp3lame', 44_100, 2)), { isTone: false }),
    beside('enhanced AAC', enhancedAac(aac)),
    beside('audio track 0 of many', multitrack(0, aac)),
    beside('audio track 1 of many', multitrack(1, aac)),
    beside('configurations of channels between frames', opus, {
      manner: around('audio', [Uint8Array.of(0x94, ...fourCc('Opus'), 1, 2, 0, 0, 0, 3)]),
    }),
    beside('ends of sequence between frames', enhancedAac(aac), {
      manner: around('audio', [Uint8Array.of(0x92, ...fourCc('mp4a'))]),
    }),
    beside('empty frames between frames', aac, {
      manner: around('audio', [Uint8Array.of(0xaf, 1), Uint8Array.of(0xaf)]),
    }),
    beside(
      'Opus of one channel',
      encodeEnhanced({ codec: 'Opus', wave: '0.25*sin(440*2*PI*t)', rateHz: 48_000, channels: 1, seconds: 2 }),
    ),
    beside(
      'FLAC of 96 kHz',
      encodeEnhanced({ codec: 'FLAC', wave: '0.25*sin(440*2*PI*t)', rateHz: 96_000, channels: 2, seconds: 2 }),
    ),
    beside(
      'FLAC of 5.1',
      encodeEnhanced({ codec: 'FLAC', wave: '0.25*sin(440*2*PI*t)', rateHz: 48_000, channels: 6, seconds: 2 }),
    ),
    beside(
      'AC-3 of 5.1 and 32 kHz',
      encodeEnhanced({ codec: 'AC-3', wave: '0.25*sin(440*2*PI*t)', rateHz: 32_000, channels: 6, seconds: 2 }),
    ),
    beside('MP3 of 22 kHz mono', classicAudio('libmp3lame', 22_050, 1)),
    beside('G.711 A-law', classicAudio('pcm_alaw', 8000, 1)),
    beside('PCM of 8 bits', classicAudio('pcm_u8', 11_025, 1)),
    beside('ADPCM', classicAudio('adpcm_swf', 22_050, 1)),
    beside('enhanced AC-3 of one channel', enhancedAudio('AC-3')),
    said(
      'metadata of no size and another codec',
      encodeAmf0('onMetaData', { width: 0, height: 0, videocodecid: 2, audiocodecid: 2, framerate: 0 }),
    ),
    said(
      'metadata that say there is neither',
      encodeAmf0('onMetaData', { hasVideo: false, hasAudio: false, audiosamplerate: 8000, stereo: false }),
    ),
    said(
      'metadata of texts',
      encodeAmf0('onMetaData', {
        width: '160',
        height: 'x',
        videocodecid: 'avc1',
        audiosamplerate: '44100',
        duration: '',
      }),
    ),
    said('metadata that are an array', encodeAmf0('onMetaData', [1, 2, 'x'])),
    said(
      'metadata that are null, a text, nothing',
      encodeAmf0('onMetaData', null),
      encodeAmf0('onMetaData', 'x'),
      encodeAmf0('onMetaData'),
    ),
    said('metadata that are cut', object(3, 0, 5, 0x77, 0x69)),
    said('metadata whose array counts wrong', object(8, 255, 255, 255, 255, 0, 1, 0x61, 5, 0, 0, 9)),
    said('metadata without an end', object(8, 0, 0, 0, 1, 0, 1, 0x61, 0, 0x40, 0x59, 0, 0, 0, 0, 0, 0)),
    said(
      'data without a name, of no bytes, of noise',
      Uint8Array.of(5, 5),
      Uint8Array.of(0),
      Uint8Array.of(0xfe, 0xff, 1),
    ),
    said(
      'data of values that nobody uses',
      Uint8Array.of(
        ...encodeAmf0('onX'),
        13,
        15,
        0,
        0,
        0,
        1,
        0x61,
        0x0b,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0x10,
        0,
        1,
        0x61,
        0,
        0,
        9,
      ),
    ),
    input('metadata of AMF3', whole, {
      manner: {
        reword: (sent, n) =>
          n % 25 !== 0
            ? [sent]
            : [
                {
                  ...sent,
                  type: 'dataAmf3',
                  body: Uint8Array.of(
                    0,
                    ...encodeAmf0('onMetaData'),
                    0x11,
                    0x0a,
                    0x0b,
                    1,
                    7,
                    0x61,
                    0x62,
                    0x63,
                    4,
                    5,
                    1,
                  ),
                },
                sent,
              ],
      },
    }),
    input('audio of 440 Hz alone, metadata of video', trackOf(mixed(aac), 'audio'), {
      video: 'source.trackSilent',
      manner: saying(encodeAmf0('onMetaData', { videocodecid: 7 })),
    }),
  ];
}
