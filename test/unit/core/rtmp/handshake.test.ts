import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import {
  createClientHandshake,
  createServerHandshake,
  type HandshakeStep,
  handshakeRandomBytes,
} from '../../../../src/core/rtmp/handshake.js';
import { digestAnswer, findDigest, sealHello } from '../../../../src/core/rtmp/handshake-digest.js';
import { bodyOf, cut } from './chunked.js';

interface Peer {
  push(bytes: Uint8Array): HandshakeStep;
}

const clientRandom = bodyOf(handshakeRandomBytes, 1);
const serverRandom = bodyOf(handshakeRandomBytes, 2);
const packetBytes = 1536;

/** Pushes in pieces; what is sent, and what is left for the chunks. */
const pushAll = (peer: Peer, bytes: Uint8Array, sizes: readonly number[]) => {
  const send: Uint8Array[] = [];
  const rest: Uint8Array[] = [];
  let isDone = false;
  for (const piece of cut(bytes, sizes)) {
    const step: HandshakeStep = isDone ? { send: [], rest: piece, done: true } : peer.push(piece);
    isDone = step.done;
    send.push(...step.send);
    rest.push(step.rest);
  }
  return { send: Buffer.concat(send), rest: Buffer.concat(rest), isDone };
};

test('client and server shake hands whatever the cut, and leave the chunks behind it alone', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(sizes, fc.uint8Array({ maxLength: 20 }), (pieceBytes, chunks) => {
      const client = createClientHandshake(clientRandom);
      const server = createServerHandshake(serverRandom);
      const atServer = pushAll(server, client.start(), pieceBytes);
      assert.equal(atServer.send.length, 1 + 2 * packetBytes);
      assert.equal(atServer.isDone, false);
      const atClient = pushAll(client, Buffer.concat([atServer.send, chunks]), pieceBytes);
      assert.equal(atClient.send.length, packetBytes);
      assert.equal(atClient.isDone, true);
      assert.deepEqual(atClient.rest, Buffer.from(chunks));
      const last = pushAll(server, Buffer.concat([atClient.send, chunks]), pieceBytes);
      assert.equal(last.send.length, 0);
      assert.equal(last.isDone, true);
      assert.deepEqual(last.rest, Buffer.from(chunks));
    }),
    { numRuns: 100 },
  );
});

test('the server answers a simple hello with version, its own hello and an echo, at once and only once', () => {
  const server = createServerHandshake(serverRandom);
  const hello = Buffer.concat([new Uint8Array(8), clientRandom]);
  const { send } = pushAll(server, Buffer.concat([Buffer.of(3), hello]), [1]);
  assert.equal(send[0], 3);
  assert.deepEqual(send.subarray(9, 1 + packetBytes), Buffer.from(serverRandom));
  assert.deepEqual(send.subarray(1 + packetBytes), hello);
});

test('the client echoes a simple server hello before the server has answered its own', () => {
  const client = createClientHandshake(clientRandom);
  const hello = Buffer.concat([new Uint8Array(8), serverRandom]);
  const step = client.push(Buffer.concat([Buffer.of(3), hello]));
  assert.deepEqual(Buffer.concat(step.send), hello);
  assert.equal(step.done, false);
});

/** Both hellos and answers of our client and a server. */
const dialogue = (server: Peer) => {
  const client = createClientHandshake(clientRandom);
  const c1 = client.start();
  const atServer = pushAll(server, c1, [4000]);
  const { send: c2 } = pushAll(client, atServer.send, [4000]);
  const s1 = atServer.send.subarray(1, 1 + packetBytes);
  return { c1: c1.subarray(1), s1, s2: atServer.send.subarray(1 + packetBytes), c2 };
};

test('our client and our server use digests', () => {
  const { c1, s1, s2, c2 } = dialogue(createServerHandshake(serverRandom));
  const client = findDigest(c1, 'client');
  const server = findDigest(s1, 'server');
  assert.ok(client !== null && server !== null);
  assert.deepEqual(s2, Buffer.from(digestAnswer(serverRandom, 'server', client.digest)));
  assert.deepEqual(c2, Buffer.from(digestAnswer(clientRandom, 'client', server.digest)));
});

for (const scheme of [8, 772] as const) {
  test(`a server whose digest is counted from byte ${scheme} is answered by it`, () => {
    const hello = Buffer.concat([new Uint8Array(8), serverRandom]);
    sealHello(hello, 'server', scheme);
    const found = findDigest(hello, 'server');
    assert.equal(found?.scheme, scheme);
    const step = createClientHandshake(clientRandom).push(Buffer.concat([Buffer.of(3), hello]));
    assert.deepEqual(step.send, [digestAnswer(clientRandom, 'client', found.digest)]);
  });

  test(`a client whose digest is counted from byte ${scheme} is answered in that scheme`, () => {
    const hello = Buffer.concat([new Uint8Array(8), clientRandom]);
    sealHello(hello, 'client', scheme);
    const { send } = pushAll(createServerHandshake(serverRandom), Buffer.concat([Buffer.of(3), hello]), [100]);
    assert.equal(findDigest(send.subarray(1, 1 + packetBytes), 'server')?.scheme, scheme);
  });
}

test('a hello has a digest wherever its sum points, and one changed bit anywhere takes it away', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1536, maxLength: 1536, size: 'max' }), fc.nat(1535), (hello, at) => {
      for (const scheme of [8, 772] as const) {
        sealHello(hello, 'client', scheme);
        assert.equal(findDigest(hello, 'client')?.scheme, scheme);
        assert.equal(findDigest(hello, 'server'), null);
        hello[at] = (hello[at] ?? 0) ^ 1;
        assert.equal(findDigest(hello, 'client'), null);
      }
    }),
    { numRuns: 100 },
  );
});

test('hello and answer are those that other implementations make of the same bytes', () => {
  const hello = new Uint8Array(1536);
  sealHello(hello, 'client', 8);
  const found = findDigest(hello, 'client');
  assert.ok(found !== null);
  assert.equal(
    Buffer.from(found.digest).toString('hex'),
    '6b13d867e07634a25928175336026199f9eeab8d0a2b43e6997f760efa98db6f',
  );
  const answer = digestAnswer(new Uint8Array(1536), 'server', found.digest);
  assert.equal(
    Buffer.from(answer.subarray(1504)).toString('hex'),
    '2a9c9166bc7e6297301775b375c7c674563d84a6f53fe9953801041a0f96272d',
  );
});

for (const version of [0, 2, 4, 31, 255]) {
  test(`version ${version} is a WireError that names it`, () => {
    const says = { name: 'WireError', message: new RegExp(`version ${version}`) };
    assert.throws(() => createClientHandshake(clientRandom).push(Uint8Array.of(version)), says);
    assert.throws(() => createServerHandshake(serverRandom).push(Uint8Array.of(version)), says);
  });
}

for (const version of [6, 8, 9]) {
  test(`version ${version}, encrypted RTMP, is a WireError that says so`, () => {
    const says = { name: 'WireError', message: /rtmpe.*not supported/ };
    assert.throws(() => createClientHandshake(clientRandom).push(Uint8Array.of(version)), says);
  });
}

test('only WireError leaves the handshake, on any bytes', () => {
  const inputs = fc.tuple(
    fc.constantFrom(3, 3, 3, 0, 6),
    fc.uint8Array({ minLength: 1, maxLength: 4000, size: 'max' }),
  );
  fc.assert(
    fc.property(inputs, ([version, noise]) => {
      for (const peer of [createClientHandshake(clientRandom), createServerHandshake(serverRandom)]) {
        try {
          peer.push(Uint8Array.of(version, ...noise));
        } catch (error) {
          assert.ok(error instanceof WireError, String(error));
        }
      }
    }),
    { numRuns: 300 },
  );
});
