import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { opusHeadFor, parseOpusHead } from '../../../../src/core/codec/opus-config.js';
import { readOpusPacket } from '../../../../src/core/codec/opus-packet.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf } from './h264-samples.js';

/** TOC bytes: configuration, stereo bit, frame count code. */
const toc = (configuration: number, channels: 1 | 2, code: number) =>
  (configuration << 3) | (channels === 2 ? 4 : 0) | code;

test('the configuration says how long a frame is (RFC 6716, table 2)', () => {
  const ms = [10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 10, 20];
  const celt = [2.5, 5, 10, 20];
  [...ms, ...celt, ...celt, ...celt, ...celt].forEach((frameMs, configuration) => {
    for (const channels of [1, 2] as const) {
      const read = readOpusPacket(Uint8Array.of(toc(configuration, channels, 0), 1, 2));
      assert.deepEqual(read, { samples: frameMs * 48, channels });
    }
  });
});

test('a packet may hold two frames, or as many as it says, up to 120 ms', () => {
  const cases: readonly [readonly number[], number | null][] = [
    [[toc(31, 2, 1), 1, 2], 1920],
    [[toc(31, 2, 1), 1], null],
    [[toc(31, 2, 2), 1, 2], 1920],
    [[toc(31, 2, 2)], null],
    [[toc(31, 2, 3), 6, 1], 5760],
    [[toc(31, 2, 3), 7, 1], null],
    [[toc(31, 2, 3), 0, 1], null],
    [[toc(31, 2, 3)], null],
    [[toc(28, 1, 3), 48, 1], 5760],
    [[], null],
    [[toc(31, 2, 0), ...Array<number>(1276).fill(0)], null],
  ];
  for (const [bytes, samples] of cases) {
    assert.equal(readOpusPacket(Uint8Array.from(bytes))?.samples ?? null, samples, bytes.slice(0, 4).join(' '));
  }
});

const head = '4f70757348656164';

test('OpusHead says whether packets can go out as they are', () => {
  const plain = parseOpusHead(bytesOf(`${head} 01 02 3801 80bb0000 0000 00`));
  assert.deepEqual([plain.channels, plain.isPlain], [2, true]);
  const louder = parseOpusHead(bytesOf(`${head} 01 01 3801 80bb0000 0001 00`));
  assert.deepEqual([louder.channels, louder.isPlain], [1, false]);
  const surround = parseOpusHead(bytesOf(`${head} 01 06 3801 80bb0000 0000 01 0402 000401020305`));
  assert.deepEqual([surround.channels, surround.isPlain], [6, false]);
  for (const channels of [1, 2] as const) {
    const { isPlain, channels: told } = opusHeadFor(channels);
    assert.deepEqual([told, isPlain], [channels, true]);
  }
});

test('what is no OpusHead is refused', () => {
  const bad = ['', head, `${head} 11 02 3801 80bb0000 0000 00`, `${head} 01 00 3801 80bb0000 0000 00`];
  for (const hex of [...bad, `${head} 01 03 3801 80bb0000 0000 00`, '4f70757348656165 01 02 3801 80bb0000 0000 00']) {
    assert.equal(
      orRefused(() => parseOpusHead(bytesOf(hex))),
      null,
      hex,
    );
  }
});

test('any bytes are read as a packet of 2.5 to 120 ms, or as none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = readOpusPacket(bytes);
      if (read !== null) assert.ok(read.samples >= 120 && read.samples <= 5760 && read.samples % 120 === 0);
    }),
  );
  fc.assert(
    fc.property(damaged([bytesOf(`${head} 01 02 3801 80bb0000 0000 00`)]), (bytes) => {
      orRefused(() => parseOpusHead(bytes));
    }),
  );
});
