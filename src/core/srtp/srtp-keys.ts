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

/** `masterKey`: 16 bytes. `masterSalt`: 12 (GCM) or 14 bytes (AES-CM). */
export function deriveSessionKeys(
  profile: SrtpProfile,
  kind: 'rtp' | 'rtcp',
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
): SessionKeys {
  const [encryption, authentication, salting] = labels[kind];
  const saltBytes = profile === 'AEAD_AES_128_GCM' ? 12 : 14;
  return {
    // A KeyObject: a Buffer as key costs a third more for each packet (docs/performance.md).
    key: createSecretKey(deriveBytes(masterKey, masterSalt, encryption, keyBytes)),
    authKey: deriveBytes(masterKey, masterSalt, authentication, authKeyBytes),
    salt: deriveBytes(masterKey, masterSalt, salting, saltBytes),
  };
}

/** AES-CM PRF: AES in counter mode over zeros, IV = (label XOR salt) * 2^16. */
function deriveBytes(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, sizeBytes: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.set(masterSalt);
  iv.writeUInt8(iv.readUInt8(7) ^ label, 7);
  return createCipheriv('aes-128-ctr', masterKey, iv).update(Buffer.alloc(sizeBytes));
}
