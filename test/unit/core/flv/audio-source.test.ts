import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AudioSource, createAudioSource } from '../../../../src/core/flv/audio-source.js';
import { parseAudioTag } from '../../../../src/core/flv/audio-tag.js';
import { damaged, orRefused } from '../codec/damage.js';
import { bytesOf } from '../codec/h264-samples.js';

/** Takes one tag, in hexadecimal; gives the units. */
function take(source: AudioSource, hex: string, stampMs = 0): string[] {
  const tag = parseAudioTag(bytesOf(hex));
  if (tag.kind === 'config') source.configure(tag.codec, tag.data);
  if (tag.kind !== 'frame') return [];
  return source.unitsOf(tag, stampMs).map((data) => Buffer.from(data).toString('hex'));
}

const summary = ({ config }: AudioSource) =>
  config === null ? null : `${config.codec} ${config.sampleRateHz} x ${config.channels}`;

const lc44 = 'af00 1210';
const lc48mono = 'af00 1188';
/** A whole MPEG-1 layer III header, 44.1 kHz stereo; then 22.05 kHz mono of MPEG 2. */
const mp3 = '2f fffb9000 01';
const mp3Mono = '2f fff390c0 02';

test('AAC waits for its configuration, and a new one counts at once', () => {
  const source = createAudioSource();
  assert.deepEqual(take(source, 'af01 21aa'), []);
  take(source, lc44);
  assert.deepEqual([summary(source), take(source, 'af01 21aa')], ['AAC 44100 x 2', ['21aa']]);
  take(source, lc48mono);
  assert.equal(summary(source), 'AAC 48000 x 1');
  assert.throws(() => take(source, 'af00 ff'), { name: 'WireError' });
  assert.equal(summary(source), 'AAC 48000 x 1');
});

test('the AAC frames that WCS drops are frames: those that begin with 0, and its "frame" 119056e500', () => {
  const source = createAudioSource();
  take(source, 'af00 119056e500');
  assert.deepEqual([summary(source), take(source, 'af01 0043')], ['AAC 48000 x 2', ['0043']]);
});

test('a codec that frames or tag headers name is believed at first, and when two in a row say another', () => {
  const source = createAudioSource();
  assert.deepEqual(take(source, '52 aa'), ['aa']);
  assert.equal(summary(source), 'Nellymoser 8000 x 1');
  assert.deepEqual([take(source, 'b2 bb'), take(source, '52 cc'), take(source, 'b2 dd')], [[], ['cc'], []]);
  assert.equal(summary(source), 'Nellymoser 8000 x 1');
  assert.deepEqual(take(source, 'b2 ee'), ['ee']);
  assert.equal(summary(source), 'Speex 16000 x 1');
});

test('frames that say all of themselves go to the same decoder, whatever one damaged header says', () => {
  const source = createAudioSource();
  for (const hex of [mp3, mp3Mono, '2f 00000000 03', mp3]) assert.equal(take(source, hex).length, 1);
  assert.equal(summary(source), 'MP3 44100 x 2');
  for (const hex of [mp3Mono, mp3Mono]) assert.equal(take(source, hex).length, 1);
  assert.equal(summary(source), 'MP3 22050 x 1');
});

test('a codec that comes back needs no second configuration', () => {
  const source = createAudioSource();
  take(source, lc44);
  for (const hex of [mp3, mp3]) take(source, hex);
  assert.equal(summary(source), 'MP3 44100 x 2');
  take(source, 'af01 21aa');
  assert.deepEqual(take(source, 'af01 21ab'), ['21ab']);
  assert.equal(summary(source), 'AAC 44100 x 2');
});

/** LC, 44.1 kHz, stereo, without a checksum, 7 + 2 bytes. */
const adts = 'fff15080 013ffc 21aa';

test('ADTS headers of odd encoders are taken off, and give the configuration where nothing else does', () => {
  const source = createAudioSource();
  assert.deepEqual(take(source, `af01 ${adts} ${adts}`), ['21aa', '21aa']);
  assert.equal(summary(source), 'AAC 44100 x 2');
  take(source, lc48mono);
  assert.deepEqual(take(source, `af01 ${adts}`), ['21aa']);
  assert.equal(summary(source), 'AAC 48000 x 1');
});

test('what only looks like ADTS stands for a frame that is lost', () => {
  const source = createAudioSource();
  take(source, lc44);
  for (const hex of ['af01 fff1', 'af01 fff15080 013ffc', 'af01 fff15080 ff3ffc 21aa']) {
    assert.deepEqual(take(source, hex), ['']);
  }
});

test('Opus without a header is plain, of as many channels as its packets', () => {
  const source = createAudioSource();
  assert.deepEqual(take(source, '91 4f707573 fcaa'), ['fcaa']);
  assert.ok(source.config?.codec === 'Opus' && source.config.isPlain);
  assert.equal(summary(source), 'Opus 48000 x 2');
});

/** So many messages, `stepMs` apart; the number of those that came before the rate was known, and what is known then. */
function feed(source: AudioSource, hex: string, stepMs: number, count = 60): [before: number, summary: string | null] {
  let before = 0;
  for (let n = 0; n < count; n += 1) if (take(source, hex, Math.floor(n * stepMs)).length === 0) before += 1;
  return [before, summary(source)];
}
const bytes = (count: number) => 'd5'.repeat(count);

for (const [rateHz, said, tag, perMessage] of [
  [8000, null, '72', 160],
  [16_000, null, '72', 320],
  [44_100, null, '82', 882],
  [16_000, 16_000, '72', 320],
  // What metadata say is wrong: the samples have it.
  [8000, 44_100, '72', 160],
  // Four rates are all that a tag can say of PCM.
  [48_000, null, '3e', 1920],
  [32_000, 32_000, '3e', 1280],
] as const) {
  test(`${tag} at ${rateHz} Hz, of which metadata say ${said}: the rate is found by the samples`, () => {
    const source = createAudioSource();
    if (said !== null) source.describe({ sampleRateHz: said, channels: null });
    const codec = { 7: 'PCMA', 8: 'PCMU', 3: 'PCM' }[tag[0] ?? ''];
    const [before, found] = feed(source, `${tag}${bytes(perMessage)}`, 20, 150);
    assert.equal(found, `${codec} ${rateHz} x 1`);
    assert.ok(before <= 1, `${before} messages lost`);
  });
}

test('messages of G.711 whose stamps say nothing are of the rate that metadata say, else of 8 kHz', () => {
  const silent = createAudioSource();
  assert.deepEqual(feed(silent, `72${bytes(160)}`, 0), [0, 'PCMA 8000 x 1']);
  const said = createAudioSource();
  said.describe({ sampleRateHz: 16_000, channels: 1 });
  assert.deepEqual(feed(said, `72${bytes(320)}`, 0), [0, 'PCMA 16000 x 1']);
});

/** A frame begins with a single channel element, a pair of channels, or data that say nothing. */
const frames = { mono: 'af01 01aa', stereo: 'af01 21aa', data: 'af01 81aa' } as const;
for (const [what, rateHz, frame, said, expected] of [
  ['a pair', 44_100, frames.stereo, null, 'AAC 44100 x 2'],
  ['one channel', 48_000, frames.mono, null, 'AAC 48000 x 1'],
  ['HE-AAC whose metadata have the doubled rate', 22_050, frames.stereo, 44_100, 'AAC 22050 x 2'],
  ['frames that begin with data', 32_000, frames.data, 32_000, 'AAC 32000 x 1'],
] as const) {
  test(`AAC without a sequence header, ${what}: rate by stamps, channels by its frames`, () => {
    const source = createAudioSource();
    source.describe({ sampleRateHz: said, channels: 1 });
    const [before, found] = feed(source, frame, 1024_000 / rateHz);
    assert.equal(found, expected);
    assert.ok(before <= 11, `${before} frames before it was known`);
    take(source, lc44);
    assert.equal(summary(source), 'AAC 44100 x 2');
  });
}

test('AAC without a sequence header whose stamps say nothing is what metadata say, else 44.1 kHz', () => {
  const silent = createAudioSource();
  assert.deepEqual(feed(silent, frames.stereo, 0), [47, 'AAC 44100 x 2']);
  const said = createAudioSource();
  said.describe({ sampleRateHz: 48_000, channels: 1 });
  assert.deepEqual(feed(said, frames.data, 0), [47, 'AAC 48000 x 1']);
});

test('AAC without a sequence header in bunches under one stamp has its rate from bunch to bunch', () => {
  const source = createAudioSource();
  for (let n = 0; n < 40; n += 1) take(source, frames.mono, Math.floor((Math.floor(n / 10) * 10_240) / 44.1));
  assert.equal(summary(source), 'AAC 44100 x 1');
});

test('FLAC without STREAMINFO is what its frames say', () => {
  const source = createAudioSource();
  // 44.1 kHz, left and side, 16 bits; then a header that leaves the rate to STREAMINFO.
  assert.equal(take(source, '91 664c6143 fff8 c988 00 00').length, 1);
  assert.equal(summary(source), 'FLAC 44100 x 2');
  assert.equal(take(createAudioSource(), '91 664c6143 fff8 c088 00 00').length, 0);
});

test('whatever comes, units belong to the codec that was named', () => {
  const seeds = [lc44, 'af01 21aa', mp3, '72 aabb', 'b2 cc', `af01 ${adts}`, '91 4f707573 fcaa', '91 61632d33 0b77'];
  fc.assert(
    fc.property(fc.array(damaged(seeds.map(bytesOf)), { maxLength: 20 }), (bodies) => {
      const source = createAudioSource();
      let stampMs = 0;
      for (const body of bodies) {
        const tag = orRefused(() => parseAudioTag(body));
        if (tag?.kind === 'config') orRefused(() => source.configure(tag.codec, tag.data));
        if (tag?.kind !== 'frame') continue;
        stampMs += 100;
        const units = orRefused(() => source.unitsOf(tag, stampMs)) ?? [];
        if (units.length > 0) assert.equal(source.config?.codec, tag.codec);
      }
    }),
    { numRuns: 2000 },
  );
});
