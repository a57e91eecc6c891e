import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAudioTag } from '../../../../src/core/flv/audio-tag.js';
import { damaged, orRefused } from '../codec/damage.js';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const mp4a = '6d703461';
const opus = '4f707573';

/** The tag with its data in hexadecimal. */
function parse(hex: string) {
  const tag = parseAudioTag(bytesOf(hex));
  return 'data' in tag ? { ...tag, data: Buffer.from(tag.data).toString('hex') } : tag;
}

test("tags of FFmpeg's FLV muxer give the configuration and raw frames", () => {
  assert.deepEqual(parse('af00 121056e500'), { kind: 'config', codec: 'AAC', data: '121056e500' });
  assert.deepEqual(parse('af01 214c6cfe'), { kind: 'frame', codec: 'AAC', data: '214c6cfe' });
});

test('an empty body, a header alone, and unknown packets are nothing to play', () => {
  for (const hex of ['', 'af00', 'af01', 'af02 00', `92 ${mp4a}`, `94 ${mp4a} 00 02`, `90 ${mp4a}`]) {
    assert.deepEqual(parse(hex), { kind: 'ignored' }, hex);
  }
});

test('a classic header says the codec, and rate and channels where nothing else does', () => {
  const headers = {
    '3e': { codec: 'PCM', bitsPerSample: 16, sampleRateHz: 44_100, channels: 1 },
    '09': { codec: 'PCM', bitsPerSample: 8, sampleRateHz: 22_050, channels: 2 },
    '1b': { codec: 'ADPCM', sampleRateHz: 22_050, channels: 2 },
    '4e': { codec: 'Nellymoser', sampleRateHz: 16_000, channels: 1 },
    '5e': { codec: 'Nellymoser', sampleRateHz: 8000, channels: 1 },
    '66': { codec: 'Nellymoser', sampleRateHz: 11_025, channels: 1 },
    '72': { codec: 'PCMA', sampleRateHz: 8000, channels: 1 },
    '83': { codec: 'PCMU', sampleRateHz: 8000, channels: 2 },
    b2: { codec: 'Speex', sampleRateHz: 16_000, channels: 1 },
  };
  for (const [header, config] of Object.entries(headers)) {
    assert.deepEqual(parse(`${header} 0102`), { kind: 'frame', codec: config.codec, config: config, data: '0102' });
    assert.deepEqual(parse(header), { kind: 'ignored' });
  }
  for (const header of ['2f', 'ee']) {
    assert.deepEqual(parse(`${header} fffb`), { kind: 'frame', codec: 'MP3', data: 'fffb' });
  }
});

test('what no decoder takes is named for a person', () => {
  const names = { ff: 'device-specific audio', df: 'FLV sound format 13', cf: 'FLV sound format 12' };
  for (const [hex, codec] of Object.entries(names))
    assert.deepEqual(parse(`${hex}00`), { kind: 'unsupported', codec }, hex);
  assert.deepEqual(parse('91 41414141 00'), { kind: 'unsupported', codec: 'FourCC AAAA' });
});

test('the FourCCs of Enhanced RTMP name frames, and configurations of codecs that have one', () => {
  const codecs = {
    [opus]: 'Opus',
    '664c6143': 'FLAC',
    '61632d33': 'AC-3',
    '65632d33': 'E-AC-3',
    '2e6d7033': 'MP3',
  };
  for (const [hex, codec] of Object.entries(codecs)) {
    assert.deepEqual(parse(`91 ${hex} 0102`), { kind: 'frame', codec, data: '0102' });
    const isConfigured = codec === 'Opus' || codec === 'FLAC';
    const config = isConfigured ? { kind: 'config', codec, data: '0102' } : { kind: 'ignored' };
    assert.deepEqual(parse(`90 ${hex} 0102`), config);
  }
});

test('Enhanced RTMP carries AAC as the classic header does, behind ModEx packets too', () => {
  assert.deepEqual(parse(`90 ${mp4a} 1210`), { kind: 'config', codec: 'AAC', data: '1210' });
  assert.deepEqual(parse(`91 ${mp4a} 21aa`), { kind: 'frame', codec: 'AAC', data: '21aa' });
  assert.deepEqual(parse(`97 02 07a120 01 ${mp4a} 21aa`), { kind: 'frame', codec: 'AAC', data: '21aa' });
});

test('of many tracks the default one is heard', () => {
  assert.deepEqual(parse(`95 00 ${mp4a} 00 1210`), { kind: 'config', codec: 'AAC', data: '1210' });
  assert.deepEqual(parse(`95 01 ${mp4a} 01 21aa`), { kind: 'ignored' });
  assert.deepEqual(parse(`95 11 ${mp4a} 02 000001 aa 00 000001 bb`), { kind: 'frame', codec: 'AAC', data: 'bb' });
  assert.deepEqual(parse(`95 21 ${opus} 01 000001 aa ${mp4a} 00 000001 bb`), {
    kind: 'frame',
    codec: 'AAC',
    data: 'bb',
  });
});

test('cut headers and tracks within tracks are refused', () => {
  for (const hex of ['af', '90', '90 6d7034', '95', `95 05 ${mp4a} 00`, `95 11 ${mp4a} 00 0000ff aa`, '97 05 00']) {
    assert.equal(
      orRefused(() => parse(hex)),
      null,
      hex,
    );
  }
});

test('damaged tags are refused by WireError or give a view of their bytes', () => {
  const seeds = ['af00 121056e500', `97 02 07a120 01 ${mp4a} 21aa`, `95 21 ${opus} 01 000001 aa ${mp4a} 00 000001 bb`];
  fc.assert(
    fc.property(damaged(seeds.map(bytesOf)), (bytes) => {
      const tag = orRefused(() => parseAudioTag(bytes));
      if (tag !== null && 'data' in tag) assert.equal(tag.data.buffer, bytes.buffer);
      if (tag?.kind === 'unsupported') assert.match(tag.codec, /^[\x20-\x7e]{3,40}$/);
    }),
    { numRuns: 5000 },
  );
});
