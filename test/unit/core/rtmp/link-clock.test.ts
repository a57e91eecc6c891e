/** The delay of a link by pings, answered by the client that a node is; and what is told over it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../../src/core/rtmp/chunk-writer.js';
import { decodeCommand } from '../../../../src/core/rtmp/command.js';
import { packLinkCall, readLinkCall } from '../../../../src/core/rtmp/link-calls.js';
import { createLinkClock, type LinkClock } from '../../../../src/core/rtmp/link-clock.js';
import { encodePong, messageTypes, parseUserControl } from '../../../../src/core/rtmp/message.js';
import { packCall } from '../../../../src/core/rtmp/play-server.js';

/** As a player reads what it is sent: chunks of 4096 bytes. */
const read = (bytes: Uint8Array) => {
  const reader = createChunkReader({ maxMessageBytes: 1_000_000 });
  reader.push(Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 16, 0));
  return reader.push(bytes)[0] ?? assert.fail('no message');
};

/** One ping there and back. */
function trip(clock: LinkClock, sentMs: number, takesMs: number): void {
  const control = parseUserControl(read(clock.ping(sentMs) ?? assert.fail('one is under way')));
  assert.ok(control.kind === 'pingRequest');
  const [answer = assert.fail()] = createChunkWriter().write({
    typeId: messageTypes.userControl,
    streamId: 0,
    timestampMs: 0,
    chunkStreamId: 2,
    body: encodePong(control.timestamp),
  });
  for (const byte of answer) clock.receive(Uint8Array.of(byte), sentMs + takesMs);
}

test('the way there is half of the shortest round trip, and all that one takes longer', () => {
  const clock = createLinkClock();
  assert.equal(clock.delayMs, null);
  trip(clock, 0, 20);
  assert.equal(clock.delayMs, 10);
  // What is sent waits behind what is on its way already, by 30 ms.
  for (let n = 1; n <= 5; n += 1) trip(clock, n * 1000, 50);
  assert.equal(clock.delayMs, 40);
  // One hiccup is none of the link's.
  for (const [n, takesMs] of [50, 50, 900, 50, 50].entries()) trip(clock, 6000 + n * 1000, takesMs);
  assert.equal(clock.delayMs, 40);
  // A way that is another one now.
  for (let n = 0; n < 60; n += 1) trip(clock, 20_000 + n * 1000, 60);
  assert.equal(clock.delayMs, 30);
});

test('one ping is under way at a time; other answers, and bytes that are none, count for nothing', () => {
  const clock = createLinkClock();
  assert.notEqual(clock.ping(0), null);
  assert.equal(clock.ping(1000), null);
  const [other = assert.fail()] = createChunkWriter().write({
    typeId: messageTypes.userControl,
    streamId: 0,
    timestampMs: 0,
    chunkStreamId: 2,
    body: encodePong(77),
  });
  clock.receive(other, 1000);
  assert.equal(clock.delayMs, null);
  clock.receive(Buffer.alloc(4096, 0xff), 2000);
  assert.deepEqual([clock.delayMs, clock.ping(3000)], [null, null]);
});

test('what a node tells another is read as it was, and what any server calls is not taken for it', () => {
  const payload = JSON.stringify({ text: 'ö'.repeat(40_000) });
  for (const call of [{ kind: 'delay', delayMs: 1.25 } as const, { kind: 'event', payload } as const]) {
    assert.deepEqual(readLinkCall(decodeCommand(read(packLinkCall(call)))), call);
  }
  for (const bytes of [
    packCall('onBWDone', 8192),
    packCall('sluiceDelay', 'soon'),
    packCall('sluiceDelay', -1),
    packCall('sluiceEvent', '{"half":'),
    packCall('sluiceEvent', null),
  ]) {
    assert.equal(readLinkCall(decodeCommand(read(bytes))), null);
  }
});
