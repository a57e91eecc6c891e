import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorEvent } from '../../../../actors/contract.js';
import { createDataEvents } from '../../../../actors/stream/data-events.js';

function stage() {
  const posted: ActorEvent[] = [];
  const lines: unknown[] = [];
  const clock = { ms: 0 };
  const events = createDataEvents({
    post: (event) => posted.push(event),
    nowMs: () => clock.ms,
    wallMs: () => 1000.4,
    log: (_level, event, fields) => lines.push({ event, ...fields }),
  });
  return { events, posted, lines, clock };
}

test('what a source says goes to the main thread with its own time-stamp, and when it came', () => {
  const { events, posted } = stage();
  events.receive(4_294_967_295, { name: 'onTextData', values: [{ text: 'hello' }, 7] }, 30);
  events.receive(0, { name: '|RtmpSampleAccess', values: [false, false] }, 20);
  assert.deepEqual(posted, [
    {
      kind: 'source.data',
      name: 'onTextData',
      values: '[{"text":"hello"},7]',
      timestampMs: 4_294_967_295,
      receivedMs: 1000,
    },
  ]);
});

test('20 at once and 10 a second pass; the others are counted, and logged once in 10 s', () => {
  const { events, posted, lines, clock } = stage();
  const say = (): void => events.receive(0, { name: 'onCuePoint', values: [] }, 10);
  for (let n = 0; n < 1000; n += 1) say();
  assert.equal(posted.length, 20);
  for (; clock.ms < 10_000; clock.ms += 10) say();
  assert.ok(posted.length >= 118 && posted.length <= 121, `${posted.length}`);
  assert.deepEqual(lines, [{ event: 'source.dataDropped', why: 'too many', dropped: 1 }]);
  say();
  say();
  assert.equal(lines.length, 2);
});

test('what is too long is dropped: its message, its JSON, its name', () => {
  const { events, posted, lines } = stage();
  events.receive(0, { name: 'onTextData', values: ['short'] }, 16_385);
  events.receive(0, { name: 'onTextData', values: ['x'.repeat(8192)] }, 8200);
  events.receive(0, { name: 'n'.repeat(129), values: [] }, 140);
  assert.deepEqual(posted, []);
  assert.deepEqual(lines, [{ event: 'source.dataDropped', why: 'too long', dropped: 1 }]);
  events.receive(0, { name: 'n'.repeat(128), values: ['x'.repeat(8188)] }, 16_384);
  assert.equal(posted.length, 1);
});
