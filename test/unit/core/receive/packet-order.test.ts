import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Ordered, PacketOrder, type RtpPacket } from '../../../../src/core/receive/packet-order.js';

const packet = (sequence: number): RtpPacket => ({
  sequence: sequence & 0xffff,
  rtpTs: 0,
  marker: false,
  payload: new Uint8Array(1),
});
const holdMs = 400;
/** Numbers of packets, and `lost`. */
const shown = (ordered: readonly Ordered[]): readonly (number | 'lost')[] =>
  ordered.map((one) => (one.kind === 'lost' ? 'lost' : one.packet.sequence));

function ordered(sequences: readonly number[], order = new PacketOrder(holdMs)): readonly (number | 'lost')[] {
  return sequences.flatMap((sequence) => shown(order.push(packet(sequence), 0)));
}

test('packets that come in order go on at once, over the wrap of their numbers too', () => {
  assert.deepEqual(ordered([65_534, 65_535, 0, 1]), [65_534, 65_535, 0, 1]);
});

test('what comes out of order waits for what is before it; what comes twice is left out', () => {
  const order = new PacketOrder(holdMs);
  assert.deepEqual(shown(order.push(packet(10), 0)), [10]);
  assert.deepEqual(shown(order.push(packet(12), 0)), []);
  assert.ok(order.isWaiting);
  assert.deepEqual(shown(order.push(packet(12), 0)), []);
  assert.deepEqual(shown(order.push(packet(11), 0)), [11, 12]);
  assert.deepEqual(shown(order.push(packet(11), 0)), []);
  assert.ok(!order.isWaiting);
  assert.equal(order.lost, 0);
});

test('what is missing is asked for at once, and again after what an answer has taken lately and half as much', () => {
  const order = new PacketOrder(holdMs);
  order.push(packet(65_533), 0);
  order.push(packet(2), 0);
  assert.deepEqual(order.ask(0), [65_534, 65_535, 0, 1]);
  assert.deepEqual(order.ask(59), []);
  assert.deepEqual(order.ask(60), [65_534, 65_535, 0, 1]);
  // Answers of 10 ms: from then on it is asked again sooner, but not at any rate.
  for (let n = 3; n < 60; n += 2) {
    order.push(packet(n + 1), 100 * n);
    order.ask(100 * n);
    order.push(packet(n), 100 * n + 10);
  }
  order.expire(10_000);
  order.push(packet(70), 10_000);
  assert.equal(order.ask(10_000).length, 9);
  assert.equal(order.ask(10_019).length, 0);
  assert.equal(order.ask(10_021).length, 9);
});

test('what is missing too long is lost: all behind it goes on', () => {
  const order = new PacketOrder(holdMs);
  order.push(packet(1), 0);
  order.push(packet(4), 0);
  order.push(packet(6), 10);
  assert.deepEqual(shown(order.expire(399)), []);
  assert.deepEqual(shown(order.expire(400)), ['lost', 4]);
  assert.deepEqual(shown(order.expire(410)), ['lost', 6]);
  assert.equal(order.lost, 3);
  assert.deepEqual(shown(order.push(packet(3), 420)), [], 'it comes too late');
});

test('far behind the last number the stream has begun anew', () => {
  assert.deepEqual(ordered([1, 2, 20_000, 20_001]), [1, 2, 'lost', 20_000, 20_001]);
});

test('whatever the order, each packet goes on once and in order, where none is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65_535 }), fc.array(fc.nat(9), { maxLength: 60 }), (first, swaps) => {
      const sent = Array.from({ length: 80 }, (_, n) => first + n);
      const came = [...sent];
      for (const [n, by] of swaps.entries()) {
        const [a = 0, b = 0] = [came[n + 1], came[n + 1 + by]];
        [came[n + 1], came[n + 1 + by]] = [b, a];
      }
      assert.deepEqual(
        ordered(came),
        sent.map((sequence) => sequence & 0xffff),
      );
    }),
  );
});
