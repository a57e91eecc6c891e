import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActorEvent } from '../../../../actors/contract.js';
import { createDataEvents } from '../../../../actors/stream/data-events.js';
import { encodeAmf0 } from '../../../../src/core/amf/amf0.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';

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

test('what a source says goes to the main thread with its own timestamp, and when it came', () => {
  const { events, posted } = stage();
  events.receive(4_294_967_295, encodeAmf0('onTextData', { text: 'hello' }, 7));
  events.receive(0, encodeAmf0('|RtmpSampleAccess', false, false));
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
  const cue = encodeAmf0('onCuePoint');
  const say = () => events.receive(0, cue);
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
  events.receive(0, Buffer.concat([encodeAmf0('onTextData', 'short'), new Uint8Array(16_385)]));
  events.receive(0, encodeAmf0('onTextData', 'x'.repeat(8192)));
  events.receive(0, encodeAmf0('n'.repeat(129)));
  assert.deepEqual(posted, []);
  assert.deepEqual(lines, [{ event: 'source.dataDropped', why: 'too long', dropped: 1 }]);
  events.receive(0, encodeAmf0('n'.repeat(128), 'x'.repeat(8188)));
  assert.equal(posted.length, 1);
});

test('of 10,000 messages in a second those that are too many are not even decoded', () => {
  const { events, clock } = stage();
  const broken = Uint8Array.of(0xff);
  let decoded = 0;
  for (let n = 0; n < 10_000; n += 1) {
    clock.ms = n / 10;
    try {
      events.receive(0, broken);
    } catch (error) {
      assert.ok(error instanceof WireError);
      decoded += 1;
    }
  }
  assert.ok(decoded <= 30, `${decoded}`);
  assert.equal(events.dropped, 10_000 - decoded);
});
