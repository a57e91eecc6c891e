import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUnsupported } from '../../../../actors/stream/unsupported.js';

function stage() {
  const told: string[] = [];
  const lines: unknown[] = [];
  const knowledge = { settled: false };
  let now = 0;
  const unsupported = createUnsupported({
    knowledge,
    nowMs: () => now,
    log: (_level, _event, fields = {}) => lines.push(fields.codec),
    onUseless: (codecs) => told.push(codecs),
  });
  /** A message of that track every 100 ms. */
  const send = (track: 'audio' | 'video', codec: string, forMs: number): void => {
    for (const endMs = now + forMs; now < endMs; now += 100) unsupported.saw(track, codec);
  };
  return { unsupported, knowledge, told, lines, send };
}

test('a source that sends only what cannot be played is of no use after 2 s, and that is reported once', () => {
  const { send, told, lines } = stage();
  send('video', 'VP6', 1000);
  send('audio', 'Speex', 1000);
  assert.deepEqual(told, []);
  send('video', 'VP6', 5000);
  assert.deepEqual(told, ['VP6, Speex']);
  assert.deepEqual(lines, ['VP6', 'Speex']);
});

test('audio that cannot be heard beside video is no reason to give up, nor while video is known to come', () => {
  const { unsupported, knowledge, send, told } = stage();
  unsupported.sawVideo();
  send('audio', 'Speex', 10_000);
  unsupported.newSession();
  knowledge.settled = true;
  send('audio', 'Speex', 10_000);
  assert.deepEqual(told, []);
});

test('video that turns into video that cannot be played is reported, whatever was known of the stream before', () => {
  const { unsupported, knowledge, send, told } = stage();
  knowledge.settled = true;
  unsupported.sawVideo();
  send('video', 'VP6', 10_000);
  assert.deepEqual(told, []);
  unsupported.newSession();
  send('video', 'VP6', 10_000);
  assert.deepEqual(told, ['VP6']);
});
