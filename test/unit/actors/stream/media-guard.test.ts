import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMediaGuard } from '../../../../actors/stream/media-guard.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';

const message = { track: 'video', timestampMs: 40, body: Uint8Array.of(0x17, 1, 0, 0, 0) } as const;

test('messages that cannot be read are dropped, and logged once in ten seconds', () => {
  const lines: object[] = [];
  let nowMs = 0;
  const guard = createMediaGuard({
    nowMs: () => nowMs,
    log: (_level, event, fields) => lines.push({ event, ...fields }),
    onMedia() {
      throw new WireError('flv.video', 'cut short');
    },
  });
  for (let n = 0; n < 10; n += 1) guard.pass(message, nowMs);
  const line = { event: 'source.messageDropped', track: 'video', timestampMs: 40, error: 'flv.video: cut short' };
  assert.deepEqual(lines, [{ ...line, dropped: 1 }]);
  nowMs = 10_000;
  guard.pass(message, nowMs);
  assert.deepEqual(lines[1], { ...line, dropped: 11 });
});

test('any other error is a bug, and goes on', () => {
  const guard = createMediaGuard({
    nowMs: () => 0,
    log: () => {},
    onMedia() {
      throw new TypeError('a bug');
    },
  });
  assert.throws(() => guard.pass(message, 0), TypeError);
});
