/**
 * What of a client's datagrams may reach the DTLS server (docs/reliability.md 3, S4, S5, S8). A pure machine for one peer.
 *
 * The server behind it takes fragments only in order, mixes those of different messages, allocates what a length field
 * says, believes plaintext alerts, and starts again with any ClientHello. So the gate puts messages together within
 * bounds, hands each on whole, in order and once, and lets nothing in plaintext through when the handshake is over.
 *
 * The order is fixed, since the server always asks for a cookie and for a certificate: see `messageTypes`. Not taken:
 * a client without a certificate, renegotiation, session resumption.
 */
import { type Assembly, createAssembly } from './assembly.js';
import {
  contentType,
  type DtlsRecord,
  type HandshakeFragment,
  readFragments,
  readRecords,
  writeHandshakeRecord,
} from './record.js';

/** By message_seq: ClientHello, the same with its cookie, Certificate, ClientKeyExchange, CertificateVerify (RFC 6347 4.2.4). */
const messageTypes = [1, 1, 11, 16, 15] as const;
const clientHello = 1;

export const maxMessageBytes = 16_384;
/** All messages begun and kept for one peer. */
const maxKeptBytes = 65_536;
/** A client repeats itself with ever longer pauses: more than so many times within one handshake is no client. */
const maxRepeats = 32;
/** Finished in AES-GCM: 24 bytes and 24 of nonce and tag (RFC 5288 3). */
const finishedBytes = 48;

export type Admitted =
  /** A whole handshake message, in a plaintext record made again. */
  | { readonly kind: 'message'; readonly type: number; readonly record: Buffer }
  /** The encrypted Finished: it comes again when the client missed our answer. */
  | { readonly kind: 'finished'; readonly record: DtlsRecord }
  /** An encrypted alert. */
  | { readonly kind: 'alert'; readonly record: DtlsRecord };

export interface DtlsGate {
  /** What of the datagram the server shall see, in this order. */
  admit(datagram: Uint8Array): readonly Admitted[];
  readonly keptBytes: number;
  /** The handshake is over: from now on only what is encrypted passes. */
  connected(): void;
}

export function createDtlsGate(): DtlsGate {
  const begun = new Map<number, Assembly>();
  let nextSequence = 0;
  let recordSequence = 0;
  let repeats = 0;
  /** Finished may overtake the messages before it. */
  let early: DtlsRecord | null = null;
  let isConnected = false;

  const keptBytes = (): number => [...begun.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

  /** A ClientHello may come again until what follows it has come: our answer was lost. */
  const isRepeat = (sequence: number): boolean =>
    sequence === nextSequence - 1 && messageTypes[sequence] === clientHello;

  const assemble = (fragment: HandshakeFragment): Buffer | null => {
    const { sequence } = fragment;
    let assembly = begun.get(sequence);
    // The last one that contradicts wins: otherwise one forged fragment would shut the true client out for good.
    if (assembly?.fits(fragment) !== true) {
      begun.delete(sequence);
      if (keptBytes() + fragment.messageBytes > maxKeptBytes) return null;
      assembly = createAssembly(fragment);
      begun.set(sequence, assembly);
    }
    return assembly.add(fragment);
  };

  const whole = new Map<number, Buffer>();

  const hand = (sequence: number, message: Buffer): Admitted => {
    const type = messageTypes[sequence] ?? clientHello;
    recordSequence += 1;
    return { kind: 'message', type, record: writeHandshakeRecord(type, sequence, message, recordSequence) };
  };

  const takeFragment = (fragment: HandshakeFragment): Admitted[] => {
    const { sequence } = fragment;
    if (fragment.type !== messageTypes[sequence] || whole.has(sequence)) return [];
    if (sequence < nextSequence && !isRepeat(sequence)) return [];
    const message = assemble(fragment);
    if (message === null) return [];
    if (sequence < nextSequence) {
      begun.delete(sequence);
      repeats += 1;
      return repeats > maxRepeats ? [] : [hand(sequence, message)];
    }
    whole.set(sequence, message);
    const admitted: Admitted[] = [];
    for (let ready = whole.get(nextSequence); ready !== undefined; ready = whole.get(nextSequence)) {
      admitted.push(hand(nextSequence, ready));
      whole.delete(nextSequence);
      begun.delete(nextSequence);
      nextSequence += 1;
    }
    return admitted;
  };

  const takeFinished = (record: DtlsRecord): Admitted[] => {
    if (record.body.length !== finishedBytes) return [];
    if (nextSequence < messageTypes.length) {
      early = record;
      return [];
    }
    repeats += 1;
    return repeats > maxRepeats ? [] : [{ kind: 'finished', record }];
  };

  const take = (record: DtlsRecord): Admitted[] => {
    const { type, epoch } = record;
    if (epoch === 1 && type === contentType.handshake) return takeFinished(record);
    if (epoch === 1 && type === contentType.alert) return isConnected ? [{ kind: 'alert', record }] : [];
    if (epoch !== 0 || type !== contentType.handshake || isConnected) return [];
    const admitted = readFragments(record.body, maxMessageBytes).flatMap(takeFragment);
    if (early === null || nextSequence < messageTypes.length) return admitted;
    const finished = early;
    early = null;
    return [...admitted, { kind: 'finished', record: finished }];
  };

  return {
    admit: (datagram) => readRecords(datagram).flatMap(take),
    get keptBytes() {
      return keptBytes();
    },
    connected() {
      isConnected = true;
      begun.clear();
      whole.clear();
    },
  };
}
