/**
 * SRTP session keys out of the master keys of DTLS-SRTP: RFC 3711 4.3 (AES-CM PRF, key derivation rate 0), and
 * RFC 7714 11 for AES-GCM, whose master salt of 96 bits is filled up with zeros to the 112 bits that the PRF takes.
 */
import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';

export interface SrtpKeys {
  readonly profile: SrtpProfile;
  readonly localKey: Uint8Array;
  readonly localSalt: Uint8Array;
  readonly remoteKey: Uint8Array;
  readonly remoteSalt: Uint8Array;
}

/** In the order of their numbers in the add-on. */
export const srtpProfiles = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const;
export type SrtpProfile = (typeof srtpProfiles)[number];

/** Keys of one direction, for RTP or for RTCP. `authKey` is unused by GCM. */
export interface SessionKeys {
  readonly key: KeyObject;
  readonly authKey: Uint8Array;
  /** 12 bytes with GCM, 14 with AES-CM. */
  readonly salt: Uint8Array;
}

/** Labels of RFC 3711 4.3.2: encryption, authentication, salt. */
const labels = { rtp: [0, 1, 2], rtcp: [3, 4, 5] } as const;
const keyBytes = 16;
const authKeyBytes = 20;
const blockBytes = 16;

/** `masterKey`: 16 bytes. `masterSalt`: 12 (GCM) or 14 bytes (AES-CM). */
export function deriveSessionKeys(
  profile: SrtpProfile,
  kind: 'rtp' | 'rtcp',
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
): SessionKeys {
  const [encryption, authentication, salting] = labels[kind];
  const saltBytes = profile === 'AEAD_AES_128_GCM' ? 12 : 14;
  // The authentication key alone is longer than a block.
  const blocks = [[encryption], [authentication], [authentication, 1], [salting]] as const;
  const made = deriveBlocks(masterKey, masterSalt, blocks);
  const part = (block: number, sizeBytes: number) => made.subarray(block * blockBytes, block * blockBytes + sizeBytes);
  return {
    // A KeyObject: a Buffer as key costs a third more for each packet (docs/performance.md).
    key: createSecretKey(part(0, keyBytes)),
    authKey: part(1, authKeyBytes),
    salt: part(3, saltBytes),
  };
}

/**
 * Blocks of the AES-CM PRF: AES of (label XOR salt) * 2^16, and the number of the block. All in one call, in which counter mode
 * over zeros is ECB: to open a cipher costs more than all of its blocks.
 */
function deriveBlocks(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  blocks: readonly (readonly [label: number, counter?: number])[],
): Buffer {
  const counters = Buffer.alloc(blocks.length * blockBytes);
  for (const [n, [label, counter = 0]] of blocks.entries()) {
    const at = n * blockBytes;
    counters.set(masterSalt, at);
    counters.writeUInt8(counters.readUInt8(at + 7) ^ label, at + 7);
    counters.writeUInt8(counter, at + blockBytes - 1);
  }
  return createCipheriv('aes-128-ecb', masterKey, null).update(counters);
}
