import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { alerts } from '../../../../src/core/diagnosis/alerts.js';

test('docs/diagnosis.md has every alert, with its words', () => {
  const rows = Object.entries(alerts).map(
    ([code, { severity, title, advice }]) => `| \`${code}\` | ${severity} | ${title} | ${advice} |`,
  );
  const text = readFileSync('.github/docs/diagnosis.md', 'utf8');
  assert.deepEqual(text.match(/^\| `[A-Z_]+` .*$/gm), rows);
});

/** mon::alrt::Message of OvenMediaEngine, without what tells of creation and deletion, and without what has no counterpart here. */
const ovenMediaEngine = [
  ...['INGRESS_BITRATE_LOW', 'INGRESS_BITRATE_HIGH', 'INGRESS_FRAMERATE_LOW', 'INGRESS_FRAMERATE_HIGH'],
  ...['INGRESS_WIDTH_SMALL', 'INGRESS_WIDTH_LARGE', 'INGRESS_HEIGHT_SMALL', 'INGRESS_HEIGHT_LARGE'],
  ...['INGRESS_SAMPLERATE_LOW', 'INGRESS_SAMPLERATE_HIGH', 'INGRESS_LONG_KEY_FRAME_INTERVAL', 'INGRESS_HAS_BFRAME'],
  ...['OUTPUT_PROFILE', 'DECODER', 'ENCODER'].map((what) => `EGRESS_STREAM_CREATION_FAILED_BY_${what}`),
  ...['EGRESS_TRANSCODE_DECODING_FAILED', 'EGRESS_TRANSCODE_ENCODING_FAILED', 'INTERNAL_QUEUE_CONGESTION'],
];

test('it has those of OvenMediaEngine, and twice as many', () => {
  const codes = Object.keys(alerts);
  assert.deepEqual(
    ovenMediaEngine.filter((code) => !codes.includes(code)),
    [],
  );
  assert.ok(codes.length >= 2 * ovenMediaEngine.length);
});
