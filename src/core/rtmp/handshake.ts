/** The handshake before all chunks (RTMP 1.0 5.2), with digests where the other side knows them. */
import { WireError } from '../bytes/wire-error.js';
import { digestAnswer, findDigest, firstScheme, packetBytes, sealHello } from './handshake-digest.js';

const where = 'rtmp.handshake';
const version = 3;
/** Time and time 2, or time and zero. */
const timesBytes = 8;
/** Of the random data that both sides need. */
export const handshakeRandomBytes = packetBytes - timesBytes;

export interface HandshakeStep {
  /** To send now, in order. */
  readonly send: readonly Uint8Array[];
  /** True once both sides may send chunks. */
  readonly done: boolean;
  /** What follows the handshake in the same bytes: the first chunks. */
  readonly rest: Uint8Array;
}

export interface ServerHandshake {
  /** Takes the client's next bytes, cut anywhere; nothing once done. Error: WireError. */
  push(bytes: Uint8Array): HandshakeStep;
}

export interface ClientHandshake {
  /** C0 and C1, to send first. */
  start(): Uint8Array;
  /** Takes the server's next bytes, cut anywhere; nothing once done. Error: WireError. */
  push(bytes: Uint8Array): HandshakeStep;
}

/**
 * Answers a client in the way that it speaks: with digests in its scheme, or simply.
 *
 * @param random `handshakeRandomBytes` of random data.
 */
export function createServerHandshake(random: Uint8Array): ServerHandshake {
  return createPeer((c1) => {
    const hello = helloPacket(random);
    const found = findDigest(c1, 'client');
    if (found === null) return [concat([version], hello, c1)];
    sealHello(hello, 'server', found.scheme);
    return [concat([version], hello, digestAnswer(random, 'server', found.digest))];
  });
}

/**
 * Offers digests, which a server of the simple handshake takes for random data, and answers the server in the way
 * that it speaks.
 *
 * @param random `handshakeRandomBytes` of random data.
 */
export function createClientHandshake(random: Uint8Array): ClientHandshake {
  const hello = helloPacket(random);
  sealHello(hello, 'client', firstScheme);
  const peer = createPeer((s1) => {
    const found = findDigest(s1, 'server');
    return [found === null ? s1 : digestAnswer(random, 'client', found.digest)];
  });
  return { start: () => concat([version], hello), push: peer.push };
}

/**
 * Both sides read alike: version and hello, which is answered; then the other's answer. That is not checked: servers
 * differ in it, and it proves nothing.
 */
function createPeer(answer: (hello: Uint8Array) => readonly Uint8Array[]): ServerHandshake {
  const received = new Uint8Array(1 + 2 * packetBytes);
  let receivedBytes = 0;

  return {
    push(bytes) {
      const taken = bytes.subarray(0, received.length - receivedBytes);
      const before = receivedBytes;
      received.set(taken, before);
      receivedBytes += taken.length;
      if (before === 0 && taken.length > 0) checkVersion(received[0] ?? 0);
      const hasHello = before < 1 + packetBytes && receivedBytes >= 1 + packetBytes;
      return {
        send: hasHello ? answer(received.slice(1, 1 + packetBytes)) : [],
        done: receivedBytes === received.length,
        rest: bytes.subarray(taken.length),
      };
    },
  };
}

function checkVersion(peerVersion: number): void {
  if (peerVersion === version) return;
  const isEncrypted = peerVersion === 6 || peerVersion === 8 || peerVersion === 9;
  throw new WireError(where, isEncrypted ? 'encrypted RTMP (rtmpe) is not supported' : `version ${peerVersion}`);
}

function helloPacket(random: Uint8Array): Uint8Array {
  if (random.length < handshakeRandomBytes) throw new RangeError(`${handshakeRandomBytes} random bytes needed`);
  const packet = new Uint8Array(packetBytes);
  packet.set(random.subarray(0, handshakeRandomBytes), timesBytes);
  return packet;
}

function concat(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
