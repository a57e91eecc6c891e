/** The receiving half of the add-on beside what TypeScript makes of the same bytes, whatever they are. Run under ASan too. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadNativeFanout } from '../../../actors/fanout/native-binding.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import type { NativeReceiver } from '../../../actors/transport/native-receiver.js';
import { isAuthentic, readBindingRequest, writeBindingSuccess } from '../../../src/core/ice/stun-message.js';
import { srtpProfiles } from '../../../src/core/srtp/srtp-keys.js';
import {
  addPeer,
  aim,
  hexOf,
  loopback,
  Native,
  openStage,
  priority,
  type Told,
} from '../../support/fanout/receiver-stage.js';
import { writeNack, writePli, writeReport } from '../../support/rtp/rtcp-writer.js';
import { bindingRequest, iceCredentials } from '../../support/viewer/media-client.js';

/** Some bytes of a message changed, left out or put in. */
const damage = fc.oneof(
  { weight: 1, arbitrary: fc.constant((message: Buffer) => message) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(200), fc.nat(255)).map(([at, value]) => (message: Buffer) => {
      const changed = Buffer.from(message);
      changed[at % changed.length] = value;
      return changed;
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(200), fc.nat(40)).map(([at, bytes]) => (message: Buffer) => {
      const first = at % message.length;
      return Buffer.concat([message.subarray(0, first), message.subarray(first + bytes)]);
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(200), fc.uint8Array({ maxLength: 600 })).map(([at, bytes]) => (message: Buffer) => {
      const first = at % message.length;
      return Buffer.concat([message.subarray(0, first), bytes, message.subarray(first)]);
    }),
  },
);

test('a check of a known peer is answered to the byte as by TypeScript, and any other is left to it', async (t) => {
  const stage = await openStage(t);
  const { native, client, answers, datagrams } = stage;
  const { peer } = addPeer(native, 'AEAD_AES_128_GCM');
  const credentials = iceCredentials();
  const other = iceCredentials();
  const name = aim(stage, peer, credentials);
  const isOurs = (message: Buffer): boolean => {
    const request = readBindingRequest(message);
    return (
      request !== null &&
      request.localUfrag === credentials.localUfrag &&
      request.remoteUfrag === credentials.remoteUfrag &&
      request.priority === priority &&
      isAuthentic(message, request, credentials.localPwd)
    );
  };
  const check = fc.record({
    password: fc.constantFrom(credentials.localPwd, credentials.localPwd, 'guessed'),
    priority: fc.constantFrom(priority, priority, 7),
    nominates: fc.boolean(),
    of: fc.constantFrom(credentials, credentials, other),
  });
  let [seen, answered] = [0, 0];
  await fc.assert(
    fc.asyncProperty(check, damage, async ({ of, ...options }, harm) => {
      const message = harm(bindingRequest(of, options));
      await stage.send(message);
      const [came, told, waited] = [answers.splice(0), datagrams.splice(0), stage.taken()];
      seen += 1;
      if (!isOurs(message)) {
        const isStun = (message[0] ?? 9) <= 3 || message.length < 2;
        const isRtcp = !isStun && (message[0] ?? 0) >> 6 === 2 && (message[1] ?? 0) >= 192 && (message[1] ?? 0) <= 223;
        assert.deepEqual([came, told, waited], [[], message.length === 0 || isRtcp ? [] : [hexOf(message)], []]);
        return;
      }
      answered += 1;
      while (came.length === 0) {
        if (answers.length === 0) await once(client, 'message');
        came.push(...answers.splice(0));
      }
      const { port } = client.address();
      const wanted = writeBindingSuccess(
        message.subarray(8, 20),
        Uint8Array.of(127, 0, 0, 1),
        port,
        credentials.localPwd,
      );
      assert.deepEqual([came, told, waited], [[hexOf(wanted)], [], [{ name, packet: '' }]]);
    }),
    { numRuns: 2000 },
  );
  assert.ok(answered > 50 && answered < seen, `${answered} of ${seen}`);
});

for (const profile of srtpProfiles) {
  test(`${profile}: SRTCP is opened or refused as by TypeScript, in whatever order and shape it comes`, () => {
    const step = fc.record({
      back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(100) }),
      ahead: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(200) }),
      ssrc: fc.nat(20),
      body: fc.uint8Array({ maxLength: 80 }),
      harm: damage,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, handOverAt) => {
        const native = new Native(
          new Uint8Array(new SharedArrayBuffer(64)),
          () => {},
          () => {},
          () => {},
        );
        const peer = addPeer(native, profile);
        const noted = new SessionNumbers().rtcpSources;
        let ours = peer.peer;
        let theirs = peer.theirs(noted);
        let index = 0;
        steps.forEach(({ back, ahead, ssrc, body, harm }, n) => {
          if (n % 40 === 39) native.take();
          // Another thread goes on with the session.
          if (n === handOverAt) {
            native.removePeer(ours);
            ours = peer.add(peer.indices);
            theirs = peer.theirs(noted);
          }
          index += ahead;
          const plain = Buffer.concat([Buffer.from([0x80, 201, 0, 1, 0, 0, 0, ssrc]), body]);
          const packet = harm(peer.sender.protectRtcp(plain, Math.max(0, index - back)));
          const opened = native.openRtcp(ours, packet);
          assert.deepEqual(opened === null ? null : hexOf(opened), hexOrNull(theirs.open(packet)));
          assert.deepEqual(peer.indices, noted);
        });
      }),
      { numRuns: 500 },
    );
  });

  test(`${profile}: reports of a known peer wait, requests do not, and what is not authentic is nobody's`, async (t) => {
    const stage = await openStage(t);
    const { native, atOnce, datagrams } = stage;
    const { peer, sender } = addPeer(native, profile);
    const name = aim(stage, peer, iceCredentials());
    const report = writeReport(7, 1);
    const nack = writeNack(7, 1);
    const odd = Buffer.from([0x80, 201, 0xff, 0xff, 0, 0, 0, 1]);
    const packets = [report, nack, Buffer.concat([report, nack]), writePli(7), report.subarray(0, 32), odd];
    for (const [n, packet] of packets.entries()) await stage.send(sender.protectRtcp(packet, n + 1));
    // As it came before.
    await stage.send(sender.protectRtcp(report, packets.length));
    await stage.send(Buffer.alloc(60, 0x81).fill(200, 1, 2));
    const told = (of: readonly Uint8Array[]): readonly Told[] => of.map((packet) => ({ name, packet: hexOf(packet) }));
    assert.deepEqual(stage.taken(), told([report, report.subarray(0, 32), odd]));
    assert.deepEqual(atOnce, told([nack, Buffer.concat([report, nack]), writePli(7)]));
    native.rest(peer);
    const behind = sender.protectRtcp(report, packets.length + 1);
    await stage.send(behind);
    assert.deepEqual([datagrams, stage.taken()], [[hexOf(behind)], []], 'it has no address any more');
    assert.equal(hexOrNull(native.openRtcp(peer, behind)), hexOf(report));
  });
}

const hexOrNull = (bytes: Uint8Array | null): string | null => (bytes === null ? null : hexOf(bytes));

test('of a flood so many are opened in a while; reports beyond the room that there is are told at once', async (t) => {
  const stage = await openStage(t, 4 * (16 + 56));
  const { native, atOnce } = stage;
  const { peer, sender } = addPeer(native, 'AEAD_AES_128_GCM');
  const name = aim(stage, peer, iceCredentials());
  for (let n = 1; n <= 60; n += 1) await stage.send(sender.protectRtcp(writeReport(7, n), n));
  assert.deepEqual([stage.taken().length, atOnce.length], [4, 46]);
  assert.ok(atOnce.every((told) => told.name === name));
  await stage.send(sender.protectRtcp(writePli(7), 61));
  assert.equal(atOnce.length, 47, 'and again');
});

test('an address has one owner, and a name is of one peer at one address', async (t) => {
  const stage = await openStage(t);
  const { native } = stage;
  const [first, second] = [addPeer(native, 'AEAD_AES_128_GCM'), addPeer(native, 'AEAD_AES_128_GCM')];
  const credentials = iceCredentials();
  const names = [aim(stage, first.peer, credentials), aim(stage, second.peer, credentials)];
  const report = writeReport(7, 1);
  await stage.send(first.sender.protectRtcp(report, 1));
  await stage.send(second.sender.protectRtcp(report, 1));
  assert.deepEqual(stage.taken(), [{ name: names[1], packet: hexOf(report) }]);
  names.push(aim(stage, first.peer, credentials));
  await stage.send(first.sender.protectRtcp(report, 2));
  native.removePeer(first.peer);
  assert.deepEqual(stage.taken(), [{ name: names[2], packet: hexOf(report) }]);
  assert.equal(new Set(names).size, 3);
  assert.equal(native.aim(first.peer, 0, loopback, 9, 1, Buffer.from('a:b'), Buffer.from('c')), 0, 'it is gone');
});

test('what it holds is counted: itself, and its peers until they are gone', async (t) => {
  const stage = await openStage(t);
  const { native } = stage;
  const alone = native.heldBytes();
  // The batch that it reads into, and what addresses are found by.
  assert.ok(alone > 17 * 4096 + 4096 && alone < 100_000, `${alone}`);
  const peers = Array.from({ length: 64 }, () => addPeer(native, 'AEAD_AES_128_GCM').peer);
  const perPeer = (native.heldBytes() - alone) / peers.length;
  assert.ok(perPeer > 300 && perPeer < 1000, `${perPeer}`);
  const before = native.heldBytes();
  const credentials = iceCredentials();
  aim(stage, peers[0] ?? assert.fail(), credentials);
  const { localUfrag, remoteUfrag, localPwd } = credentials;
  assert.equal(native.heldBytes() - before, `${localUfrag}:${remoteUfrag}${localPwd}`.length);
  for (const peer of peers) native.removePeer(peer);
  assert.equal(native.heldBytes(), before, 'the empty places are left');
});

test('misuse is a TypeError, and sockets that are not there refuse', async (t) => {
  const { native, socket } = await openStage(t);
  const { peer } = addPeer(native, 'AEAD_AES_128_GCM');
  const [bytes, words] = [new Uint8Array(16), new SessionNumbers().rtcpSources];
  const good: Readonly<Record<keyof NativeReceiver, readonly unknown[]>> = {
    open: [loopback, 0, -1, 1],
    openShared: [loopback, 0, 1],
    openInbox: [0],
    descriptorOf: [77],
    portOf: [0],
    send: [socket, bytes, loopback, 9],
    close: [77],
    addPeer: [0, bytes, new Uint8Array(12), new Uint8Array(20), words],
    aim: [peer, socket, loopback, 9, 1, bytes, bytes],
    rest: [peer],
    removePeer: [77],
    openRtcp: [peer, bytes],
    take: [],
    heldBytes: [],
  };
  const fanout = new (loadNativeFanout() ?? assert.fail())();
  const wrong = [undefined, null, 'text', {}, -2, 0.5, Number.NaN, 2 ** 53, new Uint8Array(0)];
  for (const [method, args] of Object.entries(good)) {
    const call = Reflect.get(native, method);
    args.forEach((argument, at) => {
      for (const value of wrong) {
        const isFine =
          argument instanceof Uint8Array && value instanceof Uint8Array && method !== 'aim' && method !== 'addPeer';
        if (isFine) continue;
        assert.throws(
          () => Reflect.apply(call, native, args.with(at, value)),
          TypeError,
          `${method} ${at} ${String(value)}`,
        );
      }
      assert.throws(() => Reflect.apply(call, native, args.slice(0, at)), TypeError);
    });
    for (const other of [{}, undefined, fanout, Object.create(native), new Proxy(native, {})]) {
      assert.throws(() => Reflect.apply(call, other, args), TypeError, method);
    }
  }
  assert.throws(() => native.open('192.0.2.77', 0, -1, 1), { code: 'EADDRNOTAVAIL' });
  assert.throws(() => native.open(loopback, native.portOf(socket), -1, 1), { code: 'EADDRINUSE' });
  assert.throws(() => native.openShared(loopback, native.portOf(socket), 1), { code: 'EADDRINUSE' });
  assert.deepEqual(
    [native.portOf(77), native.descriptorOf(77), native.send(77, bytes, loopback, 9) > 0],
    [0, -1, true],
  );
  assert.throws(() => Reflect.apply(Native, undefined, []), TypeError);
  assert.throws(() => Reflect.construct(Native, [new Uint8Array(8), () => {}, () => {}, () => {}]), TypeError);
  assert.throws(
    () => Reflect.construct(Native, [new Uint8Array(new SharedArrayBuffer(8)), () => {}, () => {}]),
    TypeError,
  );
});
