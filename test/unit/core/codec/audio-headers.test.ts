/** Heads of MP3, AC-3 and E-AC-3 frames, ADTS, and FLAC's STREAMINFO, as FFmpeg's encoders write them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAc3Header } from '../../../../src/core/codec/ac3-header.js';
import { isAdts, splitAdts } from '../../../../src/core/codec/adts.js';
import { parseFlacConfig } from '../../../../src/core/codec/flac-config.js';
import { readMp3Header } from '../../../../src/core/codec/mp3-header.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf } from './h264-samples.js';

const heads: readonly [name: string, read: typeof readMp3Header, hex: string, rateHz: number, channels: number][] = [
  ['MP3 44.1 kHz stereo', readMp3Header, 'fffb9064', 44_100, 2],
  ['MP3 48 kHz mono', readMp3Header, 'fffb54c4', 48_000, 1],
  ['MP3 22.05 kHz stereo (MPEG 2)', readMp3Header, 'fff38064', 22_050, 2],
  ['MP3 8 kHz mono (MPEG 2.5)', readMp3Header, 'ffe318c4', 8000, 1],
  ['AC-3 48 kHz stereo', readAc3Header, '0b7732b7144043e1', 48_000, 2],
  ['AC-3 44.1 kHz 5.1', readAc3Header, '0b77ca4e5e40ebf8', 44_100, 6],
  ['AC-3 32 kHz mono', readAc3Header, '0b773fc48c402f84', 32_000, 1],
  ['E-AC-3 48 kHz stereo', readAc3Header, '0b77017f3487c000', 48_000, 2],
  ['E-AC-3 48 kHz 5.1', readAc3Header, '0b77037f3f87c000', 48_000, 6],
  ['E-AC-3 at half of 48 kHz', readAc3Header, '0b77017fc487c000', 24_000, 2],
];

for (const [name, read, hex, sampleRateHz, channels] of heads) {
  test(`${name} is read from the head of its frame`, () => {
    assert.deepEqual(read(bytesOf(hex)), { sampleRateHz, channels });
  });
}

test('bytes that are no such frame give nothing', () => {
  for (const hex of ['', 'ff', 'fffb90', '00000000', 'fffbf000', 'fff99000', 'fffb9c00', 'ffeb9000']) {
    assert.equal(readMp3Header(bytesOf(hex)), null, hex);
  }
  for (const hex of ['', '0b77', '0b780000004043e1', '0b770000c04043e1', '0b7700000090ffff']) {
    assert.equal(readAc3Header(bytesOf(hex)), null, hex);
  }
  const any = fc.oneof(fc.uint8Array({ maxLength: 16 }), damaged(heads.map(([, , hex]) => bytesOf(hex))));
  fc.assert(
    fc.property(any, (bytes) => {
      for (const format of [readMp3Header(bytes), readAc3Header(bytes)]) {
        if (format !== null) assert.ok(format.sampleRateHz >= 8000 && format.channels >= 1 && format.channels <= 6);
      }
      assert.ok(splitAdts(bytes).units.every((unit) => unit.length > 0 && unit.length < bytes.length));
      orRefused(() => parseFlacConfig(bytes));
    }),
  );
});

/** 4,096 samples a block, 48 kHz, six channels of 16 bits. */
const streamInfo = `10001000000000000000 0bb80af000000000 ${'00'.repeat(16)}`;

test("FLAC's STREAMINFO is taken bare, and behind the stream's marker", () => {
  const bare = parseFlacConfig(bytesOf(streamInfo));
  const marked = parseFlacConfig(bytesOf(`664c6143 80000022 ${streamInfo}`));
  assert.deepEqual([bare.sampleRateHz, bare.channels, bare.streamInfo.length], [48_000, 6, 34]);
  assert.deepEqual(marked, bare);
  for (const hex of ['', streamInfo.slice(4), `664c6143 84000022 ${streamInfo}`, '00'.repeat(34)]) {
    assert.equal(
      orRefused(() => parseFlacConfig(bytesOf(hex))),
      null,
    );
  }
});

test('ADTS is cut by its lengths, with and without checksums', () => {
  const plain = 'fff15080 013ffc 21aa';
  const checked = 'fff05080 017ffc abcd 21bb';
  const { units, audioSpecificConfig } = splitAdts(bytesOf(`${plain} ${checked} ${plain} fff1`));
  assert.deepEqual(
    units.map((unit) => Buffer.from(unit).toString('hex')),
    ['21aa', '21bb', '21aa'],
  );
  assert.equal(Buffer.from(audioSpecificConfig).toString('hex'), '1210');
  assert.ok(isAdts(bytesOf(plain)) && !isAdts(bytesOf('21aa')) && !isAdts(bytesOf('ff')));
  // Several raw frames behind one header, and a layer that there is not.
  for (const hex of ['fff15080 013ffd 21aa', 'fff35080 013ffc 21aa'])
    assert.equal(splitAdts(bytesOf(hex)).units.length, 0);
});
