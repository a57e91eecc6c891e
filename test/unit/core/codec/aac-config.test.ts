import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseAudioSpecificConfig, withRateIndex } from '../../../../src/core/codec/aac-config.js';
import { damaged, orRefused } from './damage.js';
import { bytesOf } from './h264-samples.js';

/** Bits as text, with spaces where one likes, filled up to whole bytes. */
function pack(bits: string): Uint8Array {
  const bytes = bits.replaceAll(' ', '').match(/.{1,8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

const lc = { objectType: 2, sbr: false, ps: false };
const cases = [
  ['LC 44.1 kHz stereo', '1210', { ...lc, sampleRateHz: 44_100, channels: 2 }],
  ['LC 48 kHz mono', '1188', { ...lc, sampleRateHz: 48_000, channels: 1 }],
  [
    'LC with the extension that says no SBR, as FFmpeg writes it',
    '121056e500',
    { ...lc, sampleRateHz: 44_100, channels: 2 },
  ],
  ['LC 48 kHz 5.1 of FFmpeg', '11b056e500', { ...lc, sampleRateHz: 48_000, channels: 6 }],
  ['LC 7.1', '11b8', { ...lc, sampleRateHz: 48_000, channels: 8 }],
  ['Main 8 kHz', '0d88', { ...lc, objectType: 1, sampleRateHz: 8000, channels: 1 }],
  ['a rate in full, 37,800 Hz', '178049d410', { ...lc, sampleRateHz: 37_800, channels: 2 }],
  ['HE-AAC, SBR named first', '2b920800', { objectType: 2, sampleRateHz: 44_100, channels: 2, sbr: true, ps: false }],
  [
    'HE-AAC, SBR named behind',
    '139056e5a0',
    { objectType: 2, sampleRateHz: 44_100, channels: 2, sbr: true, ps: false },
  ],
  ['HE-AAC v2, PS named first', 'eb8a0800', { objectType: 2, sampleRateHz: 44_100, channels: 2, sbr: true, ps: true }],
  [
    'HE-AAC v2, PS named behind',
    '138856e5a54880',
    { objectType: 2, sampleRateHz: 44_100, channels: 2, sbr: true, ps: true },
  ],
  [
    'quad by a program config element of FFmpeg',
    '118004c4040021100d4c61766335392e33372e31303056e500',
    { ...lc, sampleRateHz: 48_000, channels: 4 },
  ],
  [
    '2.1 by a program config element of FFmpeg',
    '118004c4010020000d4c61766335392e33372e31303056e500',
    { ...lc, sampleRateHz: 48_000, channels: 3 },
  ],
  [
    '7.0 by a program config element of FFmpeg',
    '118004c844002008c80d4c61766335392e33372e31303056e500',
    { ...lc, sampleRateHz: 48_000, channels: 7 },
  ],
  [
    'HE-AAC named behind a program config element',
    '130004c4040021100d4c61766335392e33372e31303056e598',
    { objectType: 2, sampleRateHz: 48_000, channels: 4, sbr: true, ps: false },
  ],
  ['PS named for six channels', 'ebb20800', { objectType: 2, sampleRateHz: 44_100, channels: 6, sbr: true, ps: true }],
  ['an escaped object type, ELD', 'f8e85000', { ...lc, objectType: 39, sampleRateHz: 44_100, channels: 2 }],
] as const;

test('configurations of every kind of signalling have rate and channels of the decoded audio', () => {
  for (const [name, hex, expected] of cases) assert.deepEqual(parseAudioSpecificConfig(bytesOf(hex)), expected, name);
});

test('SBR is found behind the specific part of every general audio object type', () => {
  const sync = '01010110111 00101 1 0011';
  const specific = {
    'LC that depends on a core coder': `00010 0110 0010 0 1 ${'0'.repeat(14)} 0`,
    scalable: '00110 0110 0010 0 0 0 000',
    'ER LC with its extension': '10001 0110 0010 0 0 1 000 0 00',
    'ER scalable': '10100 0110 0010 0 0 1 000 000 0 00',
    'ER BSAC with its extension': `10110 0110 0010 0 0 1 ${'0'.repeat(16)} 0 00`,
    'LC with its extension': '00010 0110 0010 0 0 1 0',
  };
  for (const [name, bits] of Object.entries(specific)) {
    const { sampleRateHz, channels, sbr } = parseAudioSpecificConfig(pack(bits + sync));
    assert.deepEqual([sampleRateHz, channels, sbr], [48_000, 2, true], name);
  }
});

test('ER BSAC below SBR has its own channel configuration between its type and its specific part', () => {
  const program = '0000 01 0110 0001 0000 0000 00 000 0000 0 0 0 1 0000';
  const head = `00101 0110 0000 0011 10110 0010 0 0 0 ${program}`;
  const padding = '0'.repeat(7 - ((head.replaceAll(' ', '').length + 7) % 8));
  assert.equal(parseAudioSpecificConfig(pack(`${head} ${padding} 00000000 00`)).channels, 2);
});

test('a rate that is written out is given its index, where it has one', () => {
  const hex = (config: string) => Buffer.from(withRateIndex(bytesOf(config))).toString('hex');
  // 44,100 Hz, 44,146 Hz, channels by a program config element, AAC Main.
  assert.deepEqual(['1780562210', '1780563910', '1780562200', '0f80562210'].map(hex), [
    '1210',
    ...['1780563910', '1780562200', '0f80562210'],
  ]);
  assert.equal(hex('121056e500'), '121056e500');
});

test('reserved rates and channel configurations, a rate of 0 and a cut are refused', () => {
  for (const hex of ['', '12', '1690', '1240', '17800000', '1200', 'f8e80000']) {
    assert.throws(() => parseAudioSpecificConfig(bytesOf(hex)), WireError, hex);
  }
});

test('damaged configurations are refused by WireError or give a rate and channels that can be', () => {
  fc.assert(
    fc.property(damaged(cases.map(([, hex]) => bytesOf(hex))), (bytes) => {
      const config = orRefused(() => parseAudioSpecificConfig(bytes));
      if (config === null) return;
      assert.ok(config.sampleRateHz > 0 && config.sampleRateHz <= 192_000);
      assert.ok(config.channels > 0 && config.channels <= 93);
    }),
    { numRuns: 5000 },
  );
});
