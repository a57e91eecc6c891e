/**
 * The handshake with digests, which Flash Media Server brought and some servers ask for before they send H.264.
 * It is in no specification; open servers and players agree on it. A hello (C1, S1) holds a digest of itself at one
 * of two places, the answer (C2, S2) ends in a digest under a key made of the hello's. The keys are no secrets.
 */
import { createHmac } from 'node:crypto';

export const packetBytes = 1536;
const digestBytes = 32;
const answerRandomBytes = packetBytes - digestBytes;
const sharedKey = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex');

export type Side = 'client' | 'server';

/** Hellos are sealed by the name alone, answers by name and shared key. */
const names: Readonly<Record<Side, string>> = {
  client: 'Genuine Adobe Flash Player 001',
  server: 'Genuine Adobe Flash Media Server 001',
};
/** Version of the software, at offset 4 of a hello: not 0, or no digest is looked for. */
const softwareVersions: Readonly<Record<Side, readonly number[]>> = {
  client: [9, 0, 124, 2],
  server: [3, 0, 1, 1],
};

/** Where the four bytes are whose sum says how far behind them the digest is. */
const schemes = [8, 772] as const;
const offsetRange = 728;
export type DigestScheme = (typeof schemes)[number];

export interface FoundDigest {
  readonly scheme: DigestScheme;
  readonly digest: Uint8Array;
}

/** The scheme that is tried first with servers, as FFmpeg does: all that know digests know both. */
export const firstScheme: DigestScheme = 8;

/** Puts version and digest into a hello. */
export function sealHello(hello: Uint8Array, side: Side, scheme: DigestScheme): void {
  hello.set(softwareVersions[side], 4);
  const at = digestOffset(hello, scheme);
  hello.set(helloDigest(hello, side, at), at);
}

/** The digest of the other side's hello, or null for one that has none. `side` is who made it. */
export function findDigest(hello: Uint8Array, side: Side): FoundDigest | null {
  for (const scheme of schemes) {
    const at = digestOffset(hello, scheme);
    const digest = hello.subarray(at, at + digestBytes);
    if (helloDigest(hello, side, at).equals(digest)) return { scheme, digest };
  }
  return null;
}

/** The answer to a hello with that digest. `side` is who answers; `random` has 1504 bytes at least. */
export function digestAnswer(random: Uint8Array, side: Side, digest: Uint8Array): Uint8Array {
  const answer = new Uint8Array(packetBytes);
  answer.set(random.subarray(0, answerRandomBytes));
  const key = createHmac('sha256', Buffer.concat([Buffer.from(names[side]), sharedKey]))
    .update(digest)
    .digest();
  answer.set(createHmac('sha256', key).update(answer.subarray(0, answerRandomBytes)).digest(), answerRandomBytes);
  return answer;
}

function digestOffset(hello: Uint8Array, scheme: DigestScheme): number {
  const sum = hello.subarray(scheme, scheme + 4).reduce((total, byte) => total + byte, 0);
  return scheme + 4 + (sum % offsetRange);
}

/** Of all of the hello but the digest. */
function helloDigest(hello: Uint8Array, side: Side, at: number): Buffer {
  const hmac = createHmac('sha256', names[side]);
  return hmac
    .update(hello.subarray(0, at))
    .update(hello.subarray(at + digestBytes))
    .digest();
}
