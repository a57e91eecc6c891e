import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AudioSource, createAudioSource } from '../../../../src/core/flv/audio-source.js';
import { parseAudioTag } from '../../../../src/core/flv/audio-tag.js';
import { damaged, orRefused } from '../codec/damage.js';
import { bytesOf } from '../codec/h264-samples.js';

/** Takes one tag, in hexadecimal; gives the units. */
function take(source: AudioSource, hex: string): string[] {
  const tag = parseAudioTag(bytesOf(hex));
  if (tag.kind === 'config') source.configure(tag.codec, tag.data);
  if (tag.kind !== 'frame') return [];
  return source.unitsOf(tag).map(({ data }) => Buffer.from(data).toString('hex'));
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
  assert.deepEqual(take(source, '72 aa'), ['aa']);
  assert.equal(summary(source), 'PCMA 8000 x 1');
  assert.deepEqual([take(source, 'b2 bb'), take(source, '72 cc'), take(source, 'b2 dd')], [[], ['cc'], []]);
  assert.equal(summary(source), 'PCMA 8000 x 1');
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
  const tag = parseAudioTag(bytesOf(`af01 ${adts} ${adts}`));
  assert.ok(tag.kind === 'frame');
  assert.deepEqual(
    source.unitsOf(tag).map(({ afterMs }) => afterMs),
    [0, 1024 / 44.1],
  );
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

test('whatever comes, units belong to the codec that was named', () => {
  const seeds = [lc44, 'af01 21aa', mp3, '72 aabb', 'b2 cc', `af01 ${adts}`, '91 4f707573 fcaa', '91 61632d33 0b77'];
  fc.assert(
    fc.property(fc.array(damaged(seeds.map(bytesOf)), { maxLength: 20 }), (bodies) => {
      const source = createAudioSource();
      for (const body of bodies) {
        const tag = orRefused(() => parseAudioTag(body));
        if (tag?.kind === 'config') orRefused(() => source.configure(tag.codec, tag.data));
        if (tag?.kind !== 'frame') continue;
        const units = orRefused(() => source.unitsOf(tag)) ?? [];
        if (units.length > 0) assert.equal(source.config?.codec, tag.codec);
      }
    }),
    { numRuns: 2000 },
  );
});
