/** The add-on with a socket that takes nothing more: who is told, and what is known of packets that did not go out. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { loadNativeFanout, type NativeFanout } from '../../../actors/fanout/native-binding.js';
import { createRtpHistory, type RtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { descriptorOf } from '../../../src/net/descriptor-of.js';
import { keptNumbers } from '../../support/fanout/native-steps.js';

const Native = loadNativeFanout() ?? assert.fail('the add-on is not built');
const loopback = Uint8Array.of(127, 0, 0, 1);
const video = 1;

interface Stage {
  readonly native: NativeFanout;
  readonly history: RtpHistory;
  /** A subscriber of the video track. */
  add(): number;
  publish(payloadBytes: readonly number[]): void;
  /** Serves all; gives the slots that are told as blocked. */
  serve(): readonly number[];
  readonly open: (slot: number) => void;
  /** Its packets go to a socket that says EAGAIN from now on. */
  readonly full: (slot: number) => void;
}

/**
 * UDP on loopback is never full. A TCP socket that waits for its connection says EAGAIN to whoever sends by it, as a UDP
 * socket with a full queue does.
 */
async function fullSocket(t: TestContext): Promise<number> {
  const listener = new Worker(new URL('../../support/network/deaf-listener.js', import.meta.url));
  const { port }: AddressInfo = await new Promise((resolve) => listener.once('message', resolve));
  const sockets = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await listener.terminate();
  });
  await delay(50);
  const waiting = sockets.at(-1);
  assert.ok(waiting?.connecting);
  const fd = descriptorOf(waiting);
  assert.ok(fd > 2);
  return fd;
}

async function setUp(t: TestContext): Promise<Stage> {
  const native = new Native();
  const history = createRtpHistory({ maxBytes: 1_048_576, maxPackets: 4096 });
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  t.after(() => receiver.close());
  const { port } = receiver.address();
  const fd = await fullSocket(t);
  const own = native.findSocket(loopback, port);
  return {
    native,
    history,
    add() {
      const slot = native.addSubscriber(
        0,
        new Uint8Array(16),
        new Uint8Array(12),
        new Uint8Array(0),
        keptNumbers().words,
      );
      native.setTrack(slot, video, 7, 102, 0, history.end, 0);
      return slot;
    },
    publish(sizes) {
      // One GOP: the history keeps it whole.
      sizes.forEach((payloadBytes, n) => {
        history.append({ payloadBytes, rtpTs: 0, marker: true, startsGop: n === 0 });
      });
    },
    serve() {
      const { arena, offsets, lengths, rtpTs, flags, shared } = history.memory;
      native.attach(video, arena, offsets, lengths, rtpTs, flags, shared);
      const blocked = new Uint32Array(16);
      assert.equal(native.serve(video, history.first, history.end, 0, 1_000_000, blocked), -1);
      return [...blocked.subarray(1, 1 + (blocked[0] ?? 0))];
    },
    open: (slot) => native.setRoute(slot, own, loopback, port),
    full: (slot) => native.setRoute(slot, fd, loopback, port),
  };
}

const sizesSent = (native: NativeFanout, slot: number, first: number, count: number): readonly number[] => {
  const out = new Float64Array(2 * count);
  native.lookUpSent(slot, first, out);
  return [...out].filter((_value, n) => n % 2 === 1);
};

test('whoever is not served because the queue is full is reported, wherever it turned out to be', async (t) => {
  const { native, history, add, publish, serve, open, full } = await setUp(t);
  const slots = [add(), add(), add()];
  const [first = -1, ...others] = slots;
  full(first);
  for (const slot of others) open(slot);
  publish([500]);
  // The second one's datagram is for another socket: what there is of the first one's goes out before it.
  assert.deepEqual(serve(), slots);
  native.hold(first, video, 1);
  assert.deepEqual(serve(), []);
  assert.deepEqual(
    slots.map((slot) => history.end - native.cursor(slot, video)),
    [1, 0, 0],
  );
});

/** Header, header extension and tag of AES-128-GCM. */
const overhead = 12 + 8 + 16;

for (const count of [40, 2000]) {
  test(`${count} packets that were not taken are not reported as others that were sent before`, async (t) => {
    const { native, add, publish, serve, open, full } = await setUp(t);
    const slot = add();
    native.setTwcc(slot, 3, 0);
    open(slot);
    publish(Array<number>(1100).fill(20));
    assert.deepEqual(serve(), []);
    full(slot);
    publish(Array<number>(count).fill(30));
    assert.deepEqual(serve(), [slot]);
    const known = sizesSent(native, slot, 1100 - 1024, 1024).filter((bytes) => bytes !== 0);
    assert.deepEqual(known, Array<number>(Math.max(0, 1024 - count)).fill(20 + overhead));
    open(slot);
    assert.deepEqual(serve(), []);
    const end = 1100 + count;
    const all = sizesSent(native, slot, end - 1024, 1024);
    const before = Math.max(0, 1024 - count);
    assert.deepEqual(all, [
      ...Array<number>(before).fill(20 + overhead),
      ...Array<number>(1024 - before).fill(30 + overhead),
    ]);
  });
}
