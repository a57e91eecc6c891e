import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceHints } from '../../../../actors/source/source-hints.js';

test('a source is first spoken to with Enhanced RTMP and without FCSubscribe', () => {
  assert.deepEqual(createSourceHints().current, { subscribes: false, isEnhanced: true });
});

for (const reason of ['source.notFound', 'source.noMedia'] as const) {
  test(`${reason} makes the next attempt try FCSubscribe, and the one after that try without`, () => {
    const hints = createSourceHints();
    hints.failed(reason, 'play');
    assert.deepEqual(hints.current, { subscribes: true, isEnhanced: true });
    hints.failed(reason, 'media');
    assert.deepEqual(hints.current, { subscribes: false, isEnhanced: true });
  });
}

for (const reason of ['source.rejected', 'source.timeout', 'source.protocol'] as const) {
  test(`${reason} at connect, and only there, makes the next attempt speak plain RTMP`, () => {
    const hints = createSourceHints();
    for (const step of ['handshake', 'createStream', 'play', 'media'] as const) hints.failed(reason, step);
    assert.equal(hints.current.isEnhanced, true);
    hints.failed(reason, 'connect');
    assert.deepEqual(hints.current, { subscribes: false, isEnhanced: false });
  });
}

test('reasons that say nothing about the manner change nothing', () => {
  const hints = createSourceHints();
  for (const reason of ['source.refused', 'source.unreachable', 'source.ended', 'source.stalled'] as const) {
    hints.failed(reason, 'connect');
  }
  assert.deepEqual(hints.current, { subscribes: false, isEnhanced: true });
});

test('what brought media is kept through later failures', () => {
  const hints = createSourceHints();
  hints.failed('source.notFound', 'play');
  hints.worked();
  hints.failed('source.notFound', 'play');
  hints.failed('source.rejected', 'connect');
  assert.deepEqual(hints.current, { subscribes: true, isEnhanced: true });
});
