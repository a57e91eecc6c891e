/** The add-on under misuse: each wrong argument is a TypeError, no order of calls hurts. Run under ASan too. */

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { loadNativeFanout, type NativeFanout } from '../../../actors/fanout/native-binding.js';
import { type SessionNumbers, trackWord } from '../../../actors/fanout/session-numbers.js';
import { createRtpHistory, type RtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { keptNumbers, nativeStep } from '../../support/fanout/native-steps.js';

const Native = loadNativeFanout() ?? assert.fail('the add-on is not built');
const loopback = Uint8Array.of(127, 0, 0, 1);
const historyOf = (): RtpHistory => createRtpHistory({ maxBytes: 65_536, maxPackets: 512 });

function attach(native: NativeFanout, kind: number, history: RtpHistory): void {
  const { arena, offsets, lengths, rtpTs, flags, shared } = history.memory;
  native.attach(kind, arena, offsets, lengths, rtpTs, flags, shared);
}

const addGcm = (native: NativeFanout): number =>
  native.addSubscriber(0, new Uint8Array(16), new Uint8Array(12), new Uint8Array(0), keptNumbers().words);

/** Arguments that each method takes. */
function goodArguments(): Readonly<Record<keyof NativeFanout, readonly unknown[]>> {
  const { arena, offsets, lengths, rtpTs, flags, shared } = historyOf().memory;
  return {
    attach: [0, arena, offsets, lengths, rtpTs, flags, shared],
    addSubscriber: [1, new Uint8Array(16), new Uint8Array(14), new Uint8Array(20), keptNumbers().words],
    setTrack: [0, 1, 2 ** 32 - 1, 127, 2 ** 40, 2 ** 40, 2 ** 40],
    setRtx: [0, 1, 7, 99, 5],
    setRoute: [0, 4, loopback, 9],
    removeSubscriber: [3],
    cursor: [0, 1],
    seek: [0, 1, 77],
    hold: [0, 1, 1],
    serve: [1, 0, 0, 0, 1000, new Uint32Array(4)],
    serveOne: [1, 0, 0, 0, 100],
    resend: [1, 0, 0, 0, new Uint16Array(3)],
    totals: [new Float64Array(6)],
    heldBytes: [],
    findSocket: [loopback, 9],
    copySocket: [2 ** 31 - 1, loopback, 9],
    closeSocket: [2 ** 31 - 1],
    setTwcc: [0, 14, 2 ** 40],
    lookUpSent: [0, 65_535, new Float64Array(6)],
    setRtcp: [0, new Uint8Array(16), new Uint8Array(12), new Uint8Array(20)],
    sendRtcp: [0, new Uint8Array(1024)],
  };
}

/** A typed array whose memory has gone to another owner. */
function detached(): Uint8Array {
  const array = new Uint8Array(64);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

const call = (native: NativeFanout, method: string, args: readonly unknown[]): unknown =>
  Reflect.apply(Reflect.get(native, method), native, args);

/** Out of every range, or of another type than any argument. */
const wrong: readonly unknown[] = [
  undefined,
  null,
  'text',
  {},
  [],
  () => {},
  Symbol('s'),
  1n,
  true,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  -(2 ** 63),
  1e300,
  new ArrayBuffer(64),
  new DataView(new ArrayBuffer(64)),
  new Int8Array(64),
  new BigUint64Array(8),
];

for (const [method, good] of Object.entries(goodArguments())) {
  test(`${method}: anything in the place of an argument, or none, is a TypeError`, () => {
    const native = new Native();
    addGcm(native);
    call(native, method, good);
    good.forEach((_value, at) => {
      for (const value of wrong) {
        assert.throws(() => call(native, method, good.with(at, value)), TypeError, `argument ${at}: ${String(value)}`);
      }
      assert.throws(() => call(native, method, good.slice(0, at)), TypeError, `${at} arguments`);
    });
  });
}

test('is made by new alone, and its methods are for its own objects alone', () => {
  assert.throws(() => Reflect.apply(Native, {}, []), TypeError);
  assert.throws(() => Reflect.apply(Native, undefined, []), TypeError);
  const native = new Native();
  for (const [method, good] of Object.entries(goodArguments())) {
    for (const other of [{}, undefined, Object.create(native), Native.prototype, new Proxy(native, {})]) {
      assert.throws(() => Reflect.apply(Reflect.get(native, method), other, good), TypeError, method);
    }
  }
});

test('a history whose memory could be taken away, or whose arrays do not fit together, is refused', () => {
  const native = new Native();
  const good = goodArguments().attach;
  const copies = [new Uint8Array(64), new Uint32Array(8), new Uint16Array(8), new Uint32Array(8), new Uint8Array(8)];
  copies.forEach((copy, n) => {
    assert.throws(() => call(native, 'attach', good.with(n + 1, copy)), /shared memory/);
  });
  const other = createRtpHistory({ maxBytes: 65_536, maxPackets: 4096 });
  for (let n = 0; n < 600; n += 1) other.append({ payloadBytes: 10, rtpTs: 0, marker: true, startsGop: false });
  assert.throws(() => call(native, 'attach', good.with(2, other.memory.offsets)), /one length/);
  assert.throws(() => call(native, 'attach', good.with(6, new Int32Array(new SharedArrayBuffer(0)))), /shared words/);
});

test('arrays without memory, keys of another size and windows beyond the history are refused', () => {
  const native = new Native();
  const slot = addGcm(native);
  attach(native, 1, historyOf());
  const [none, keys, salt, { words }] = [detached(), new Uint8Array(16), new Uint8Array(12), keptNumbers()];
  const noKey = new Uint8Array(0);
  assert.throws(() => native.addSubscriber(0, none, salt, noKey, words), TypeError);
  assert.throws(() => native.addSubscriber(0, keys, new Uint8Array(14), noKey, words), TypeError);
  assert.throws(() => native.addSubscriber(1, keys, new Uint8Array(14), new Uint8Array(19), words), TypeError);
  assert.throws(() => native.addSubscriber(0, keys, salt, noKey, words.subarray(0, 15)), TypeError);
  assert.throws(() => native.addSubscriber(0, keys, salt, noKey, new Float64Array(words.length)), TypeError);
  assert.throws(() => native.setTrack(slot, 1, 7, 102, 100, 50, 101), TypeError, 'behind what it was sent');
  for (const to of [none, new Uint8Array(5)]) assert.throws(() => native.setRoute(slot, 4, to, 9), TypeError);
  assert.throws(() => native.serve(1, 0, 0, 0, 1000, new Uint32Array(0)), TypeError);
  assert.throws(() => native.serve(1, 0, 513, 0, 1000, new Uint32Array(4)), TypeError);
  assert.throws(() => native.serve(1, 5, 4, 0, 1000, new Uint32Array(4)), TypeError);
  assert.throws(() => native.serveOne(0, 0, 1, slot, 10), TypeError, 'a history that was never attached');
  assert.throws(() => native.totals(new Float64Array(5)), TypeError);
  assert.equal(native.findSocket(new Uint8Array(7), 9), -1);
});

test('what it holds for viewers is counted, until they are gone', () => {
  const native = new Native();
  assert.equal(native.heldBytes(), 0);
  const slots = Array.from({ length: 64 }, () => addGcm(native));
  const withoutTwcc = native.heldBytes();
  for (const slot of slots) native.setTwcc(slot, 3, 0);
  const perViewer = (native.heldBytes() - withoutTwcc) / slots.length;
  assert.ok(withoutTwcc > 64 * 1168, `${withoutTwcc}`);
  // A thousand packets of 16 bytes each, and a few.
  assert.ok(perViewer > 16_384 && perViewer < 17_000, `${perViewer}`);
  for (const slot of slots) native.removeSubscriber(slot);
  assert.ok(native.heldBytes() < withoutTwcc - 64 * 1168 + 1, 'only the empty slots are left');
});

test('a viewer that is not there, or not any more, is sent nothing and says nothing', () => {
  const native = new Native();
  const slot = addGcm(native);
  native.setTrack(slot, 1, 7, 102, 0, 0, 0);
  native.removeSubscriber(slot);
  native.removeSubscriber(slot);
  for (const gone of [slot, 1, 2 ** 32 - 2]) {
    native.setTrack(gone, 1, 7, 102, 0, 0, 0);
    native.setRtx(gone, 1, 8, 103, 0);
    native.setRoute(gone, 4, loopback, 9);
    native.seek(gone, 1, 5);
    native.hold(gone, 1, 1);
    assert.equal(native.cursor(gone, 1), -1);
    assert.equal(native.serveOne(1, 0, 0, gone, 10), true);
    assert.equal(native.resend(1, 0, 0, gone, Uint16Array.of(1, 2)), 0);
    assert.equal(native.serve(1, 0, 0, gone, 1000, new Uint32Array(4)), -1);
    native.setTwcc(gone, 3, 0);
    assert.equal(native.sendRtcp(gone, new Uint8Array(28)), false);
    const told = new Float64Array(2).fill(1);
    native.lookUpSent(gone, 0, told);
    assert.deepEqual([...told], [0, 0]);
  }
});

test('a descriptor that is no socket, or that is closed, costs its datagrams and nothing else', () => {
  const native = new Native();
  const history = historyOf();
  attach(native, 1, history);
  const nowhere = openSync('/dev/null', 'w');
  for (const descriptor of [nowhere, 2 ** 31 - 1]) {
    const slot = addGcm(native);
    native.setTrack(slot, 1, 7, 102, 0, 0, 0);
    native.setRoute(slot, descriptor, loopback, 9);
  }
  for (let n = 0; n < 20; n += 1) history.append({ payloadBytes: 500, rtpTs: 0, marker: true, startsGop: false });
  assert.equal(native.serve(1, 0, 20, 0, 100_000, new Uint32Array(4)), -1);
  const totals = new Float64Array(6);
  native.totals(totals);
  assert.deepEqual([totals[1], totals[3], totals[4]], [0, 0, 40]);
  assert.equal(native.cursor(0, 1), 20);
  closeSync(nowhere);
});

test('a datagram longer than UDP takes is given up and counted, and those behind it go out', async (t) => {
  const native = new Native();
  const history = createRtpHistory({ maxBytes: 262_144, maxPackets: 512 });
  const port = await bound(t);
  const slot = addGcm(native);
  native.setTrack(slot, 1, 7, 102, 0, 0, 0);
  native.setRoute(slot, native.findSocket(loopback, port), loopback, port);
  for (const payloadBytes of [500, 65_500, 500])
    history.append({ payloadBytes, rtpTs: 0, marker: true, startsGop: false });
  attach(native, 1, history);
  assert.equal(native.serve(1, 0, 3, 0, 100_000, new Uint32Array(4)), -1);
  const totals = new Float64Array(6);
  native.totals(totals);
  assert.deepEqual([...totals.slice(1)], [2, 0, 1, 0, 0]);
});

async function bound(t: TestContext): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket.address().port;
}

test('any order of calls keeps the bounds: cursors in the history, packets and numbers in step', async (t) => {
  const port = await bound(t);
  fc.assert(
    fc.property(fc.array(nativeStep, { maxLength: 120 }), (steps) => {
      const native = new Native();
      const logs = [historyOf(), historyOf()] as const;
      const sessions = new Map<number, SessionNumbers>();
      const descriptor = native.copySocket(native.findSocket(loopback, port), loopback, port);
      assert.ok(descriptor > 2);
      const logOfKind = (kind: number): RtpHistory => (kind === 0 ? logs[0] : logs[1]);
      const window = (kind: number): readonly [number, number] => {
        attach(native, kind, logOfKind(kind));
        return [logOfKind(kind).first, logOfKind(kind).end];
      };
      for (const now of steps) {
        switch (now.what) {
          case 'add': {
            const salt = new Uint8Array(now.profile === 0 ? 12 : 14);
            const session = keptNumbers();
            const slot = native.addSubscriber(now.profile, new Uint8Array(16), salt, new Uint8Array(20), session.words);
            sessions.set(slot, session);
            native.setRtcp(slot, new Uint8Array(16), salt, new Uint8Array(20));
            // An address of another family than the socket's is refused by the kernel.
            native.setRoute(slot, descriptor, now.ipv6 ? new Uint8Array(16) : loopback, port);
            break;
          }
          case 'remove':
            native.removeSubscriber(now.slot);
            break;
          case 'track':
            native.setTrack(now.slot, now.kind, 7, 102, 0xfff0, logOfKind(now.kind).end, now.rtx ? 0xffe0 : 0xfff0);
            if (now.rtx) native.setRtx(now.slot, now.kind, 8, 103, 0xffff);
            break;
          case 'transport':
            native.setTwcc(now.slot, 5, now.next);
            break;
          case 'sent': {
            const told = new Float64Array(2 * now.count);
            native.lookUpSent(now.slot, now.first, told);
            const next = sessions.get(now.slot)?.twccNext ?? 0;
            const known = told.filter((value, n) => n % 2 === 1 && value > 0).length;
            assert.ok(known <= Math.max(0, Math.min(1024, next)), `${known} of ${next} are known`);
            break;
          }
          case 'publish':
            logOfKind(now.kind).append({ payloadBytes: now.bytes, rtpTs: 1, marker: true, startsGop: false });
            break;
          case 'seek':
            native.seek(now.slot, now.kind, Math.max(0, logOfKind(now.kind).end - now.back));
            break;
          case 'hold':
            native.hold(now.slot, now.kind, now.held);
            break;
          case 'rtcp':
            native.sendRtcp(now.slot, new Uint8Array(now.bytes));
            break;
          case 'serve': {
            const blocked = new Uint32Array(now.room);
            const next = native.serve(now.kind, ...window(now.kind), now.slot, now.budgetUs, blocked);
            assert.ok((next === -1 || next > now.slot) && (blocked[0] ?? 0) < now.room);
            break;
          }
          case 'serveOne': {
            const before = native.cursor(now.slot, now.kind);
            native.serveOne(now.kind, ...window(now.kind), now.slot, now.most);
            const after = native.cursor(now.slot, now.kind);
            assert.ok(after >= before && after <= Math.max(before, logOfKind(now.kind).end));
            break;
          }
          case 'resend': {
            const sent = native.resend(now.kind, ...window(now.kind), now.slot, Uint16Array.from(now.sequences));
            assert.ok(sent <= now.sequences.length);
            const counts = sessions.get(now.slot)?.track(now.kind === 0 ? 'audio' : 'video');
            assert.ok(sent === 0 || (counts?.[trackWord.resent] ?? 0) >= sent);
            break;
          }
        }
      }
      native.closeSocket(descriptor);
    }),
    { numRuns: 1000 },
  );
});
