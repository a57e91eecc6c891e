import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Admitted, createDtlsGate, maxMessageBytes } from '../../../../src/core/dtls/gate.js';

interface Fragment {
  readonly type: number;
  readonly sequence: number;
  readonly body: Uint8Array;
  readonly offset?: number;
  readonly messageBytes?: number;
  /** What the length field of the fragment says. */
  readonly sizeBytes?: number;
}

function fragment({
  type,
  sequence,
  body,
  offset = 0,
  messageBytes = body.length,
  sizeBytes = body.length,
}: Fragment): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(type, 0);
  header.writeUIntBE(messageBytes, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(offset, 6, 3);
  header.writeUIntBE(sizeBytes, 9, 3);
  return Buffer.concat([header, body]);
}

function record(type: number, body: Uint8Array, epoch = 0, version = 0xfefd, sizeBytes = body.length): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUInt16BE(sizeBytes, 11);
  return Buffer.concat([header, body]);
}

const handshake = (...fragments: readonly Fragment[]): Buffer => record(22, Buffer.concat(fragments.map(fragment)));
const body = (sizeBytes: number): Buffer => Buffer.from(Array.from({ length: sizeBytes }, (_, at) => at & 0xff));

/** All that a client sends in plaintext, by message_seq. */
const flights: readonly Fragment[] = [1, 1, 11, 16, 15].map((type, sequence) => ({
  type,
  sequence,
  body: body(60 + sequence),
}));
const finished = record(22, body(48), 1);
const alert = record(21, body(26), 1);

const told = (admitted: readonly Admitted[]): string[] =>
  admitted.map((one) => (one.kind === 'message' ? `${one.type}#${one.record.readUInt16BE(17)}` : one.kind));

/** `message` in pieces that begin at these offsets. */
const pieces = (message: Fragment, starts: readonly number[]): Fragment[] =>
  starts.map((offset, n) => ({
    ...message,
    offset,
    messageBytes: message.body.length,
    body: message.body.subarray(offset, starts[n + 1] ?? message.body.length),
  }));

const [hello = { type: 1, sequence: 0, body: body(60) }] = flights;

test('hands on the messages of a handshake whole and in order, then Finished', () => {
  const gate = createDtlsGate();
  const admitted = [...flights.map((message) => handshake(message)), finished].flatMap((datagram) =>
    told(gate.admit(datagram)),
  );
  assert.deepEqual(admitted, ['1#0', '1#1', '11#2', '16#3', '15#4', 'finished']);
  assert.equal(gate.keptBytes, 0);
});

test('a message is rebuilt in a record of its own, unfragmented, byte by byte', () => {
  const gate = createDtlsGate();
  const [first, second] = pieces(hello, [0, 25]);
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(gate.admit(handshake(second)), []);
  const [admitted] = gate.admit(handshake(first));
  assert.ok(admitted?.kind === 'message');
  assert.deepEqual(admitted.record.subarray(13), fragment(hello));
  assert.equal(admitted.record.readUInt16BE(11), admitted.record.length - 13);
});

test('any split, order and repetition of fragments gives the same messages', () => {
  const shuffled = fc
    .tuple(
      ...flights.map((message) =>
        fc.uniqueArray(fc.integer({ min: 1, max: message.body.length - 1 }), { maxLength: 5 }),
      ),
    )
    .map((cuts) =>
      flights.slice(1).flatMap((message, n) =>
        pieces(
          message,
          [0, ...(cuts[n + 1] ?? [])].sort((a, b) => a - b),
        ),
      ),
    )
    .chain((all) =>
      fc.shuffledSubarray([...all, ...all.slice(0, 3)], { minLength: all.length + Math.min(3, all.length) }),
    );
  fc.assert(
    fc.property(shuffled, (fragments) => {
      const gate = createDtlsGate();
      gate.admit(handshake(hello));
      const admitted = fragments.flatMap((one) => gate.admit(handshake(one)));
      const messages = admitted.flatMap((one) => (one.kind === 'message' ? [one.record.subarray(13)] : []));
      // A ClientHello may be handed on twice when its last fragment is repeated: see the next test.
      assert.deepEqual(
        messages.filter((one) => one[0] !== 1),
        flights.slice(2).map(fragment),
      );
    }),
    { numRuns: 300 },
  );
});

test('a ClientHello that comes again is handed on again until the next message has come, and not for ever', () => {
  const gate = createDtlsGate();
  for (let n = 0; n < 100; n += 1) gate.admit(handshake(hello));
  assert.deepEqual(gate.admit(handshake(hello)), []);
  const other = createDtlsGate();
  assert.deepEqual(
    [1, 2, 3].flatMap(() => told(other.admit(handshake(hello)))),
    ['1#0', '1#0', '1#0'],
  );
  const [, cookie, certificate] = flights;
  assert.ok(cookie !== undefined && certificate !== undefined);
  assert.deepEqual(told(other.admit(handshake(cookie))), ['1#1']);
  assert.deepEqual(told(other.admit(handshake(hello))), [], 'the first one would start werift anew');
  assert.deepEqual(told(other.admit(handshake(cookie))), ['1#1']);
  assert.deepEqual(told(other.admit(handshake(certificate))), ['11#2']);
  assert.deepEqual(told(other.admit(handshake(certificate, cookie))), []);
});

test('holds a Finished that overtook the messages before it', () => {
  const gate = createDtlsGate();
  for (const message of flights.slice(0, 4)) gate.admit(handshake(message));
  assert.deepEqual(gate.admit(finished), []);
  assert.deepEqual(told(gate.admit(handshake(...flights.slice(4)))), ['15#4', 'finished']);
});

test('when it is connected, only Finished and encrypted alerts pass', () => {
  const gate = createDtlsGate();
  for (const message of flights) gate.admit(handshake(message));
  assert.deepEqual(gate.admit(alert), [], 'before that no alert passes');
  gate.connected();
  const plain = [
    record(21, Uint8Array.of(1, 0)),
    handshake(hello),
    handshake(...flights),
    record(20, Uint8Array.of(1)),
  ];
  const encrypted = [
    record(23, body(40), 1),
    record(20, Uint8Array.of(1), 1),
    record(22, body(47), 1),
    record(22, body(49), 1),
  ];
  for (const datagram of [...plain, ...encrypted, record(22, body(48), 2)]) assert.deepEqual(gate.admit(datagram), []);
  assert.deepEqual(told(gate.admit(Buffer.concat([finished, alert]))), ['finished', 'alert']);
});

const hostile: readonly (readonly [string, Buffer])[] = [
  ['an empty datagram', Buffer.alloc(0)],
  ['half a record header', handshake(hello).subarray(0, 9)],
  ['a record longer than its datagram', record(22, fragment(hello), 0, 0xfefd, 2000)],
  ['a record of length zero', record(22, Buffer.alloc(0))],
  ['a sound record and half of another', Buffer.concat([handshake(hello), handshake(hello).subarray(0, 20)])],
  ['a record of TLS', record(22, fragment(hello), 0, 0x0303)],
  ['a record of an unknown type', record(25, fragment(hello))],
  ['many tiny records', Buffer.concat(Array.from({ length: 60 }, () => record(22, Uint8Array.of(1))))],
  ['a message of 16 MiB', handshake({ ...hello, messageBytes: 0xffffff })],
  ['a message one byte over the limit', handshake({ ...hello, messageBytes: maxMessageBytes + 1 })],
  ['a fragment of length zero', handshake({ ...hello, body: Buffer.alloc(0), messageBytes: 60 })],
  ['a message of length zero', handshake({ ...hello, body: Buffer.alloc(0) })],
  ['a fragment that ends behind its message', handshake({ ...hello, offset: 20, messageBytes: 60 })],
  ['a fragment longer than its record', handshake({ ...hello, messageBytes: 4000, sizeBytes: 4000 })],
  ['a sound fragment and a broken one', handshake(hello, { ...hello, sizeBytes: 9999, messageBytes: 9999 })],
  ['a Finished in plaintext', handshake({ type: 20, sequence: 0, body: body(12) })],
  ['a message of a server', handshake({ type: 2, sequence: 0, body: body(60) })],
  ['a Certificate in the place of a ClientHello', handshake({ type: 11, sequence: 0, body: body(60) })],
  ['a sequence number far ahead', handshake({ type: 1, sequence: 60_000, body: body(60) })],
  ['an alert in plaintext', record(21, Uint8Array.of(2, 40))],
];

for (const [name, datagram] of hostile) {
  test(`drops ${name}, keeps nothing of it, and the handshake still succeeds`, () => {
    const gate = createDtlsGate();
    for (let n = 0; n < 100; n += 1) assert.deepEqual(gate.admit(datagram), []);
    assert.equal(gate.keptBytes, 0);
    assert.deepEqual(told(gate.admit(handshake(hello))), ['1#0']);
  });
}

test('keeps no more than 64 KiB for a peer, whatever it begins', () => {
  const gate = createDtlsGate();
  gate.admit(handshake(hello));
  const begun = [1, 11, 16, 15].map((type, n) => ({
    type,
    sequence: n + 1,
    body: body(8),
    messageBytes: maxMessageBytes,
  }));
  for (let round = 0; round < 1000; round += 1) {
    for (const one of begun)
      gate.admit(handshake({ ...one, messageBytes: maxMessageBytes - (round % 7), offset: 8 * round }));
    gate.admit(handshake({ ...hello, messageBytes: maxMessageBytes }));
  }
  assert.ok(gate.keptBytes <= 65_536);
});

test('fragments that contradict those before them replace them: a forged one does not shut the client out', () => {
  const gate = createDtlsGate();
  gate.admit(handshake({ ...hello, messageBytes: 9000 }));
  assert.deepEqual(told(pieces(hello, [0, 30]).flatMap((one) => gate.admit(handshake(one)))), ['1#0']);
});

test('no bytes make the gate throw', () => {
  const recordLike = fc.record({
    type: fc.integer({ min: 20, max: 23 }),
    epoch: fc.integer({ min: 0, max: 2 }),
    bytes: fc.uint8Array({ maxLength: 80 }),
  });
  const datagram = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .array(recordLike, { maxLength: 4 })
      .map((records) => Buffer.concat(records.map(({ type, epoch, bytes }) => record(type, bytes, epoch)))),
  );
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 20 }), (datagrams) => {
      const gate = createDtlsGate();
      for (const one of datagrams) gate.admit(one);
      assert.ok(gate.keptBytes <= 65_536);
    }),
    { numRuns: 2000 },
  );
});
