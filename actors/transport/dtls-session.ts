/**
 * One viewer's DTLS: werift's `DtlsServer` behind the gate, and what werift leaves unchecked (src/core/guard/dtls-proof).
 * Ends in `onConnected` once, `onFailed` once, or neither when it is closed before.
 */
import type { AlertKeys } from '../../src/core/dtls/alert.js';
import { type Admitted, createDtlsGate } from '../../src/core/dtls/gate.js';
import { type Fingerprint, hasFingerprint, isFinished, ownsKey } from '../../src/core/dtls/proof.js';
import { contentType, type DtlsRecord, writeFragment } from '../../src/core/dtls/record.js';
import type { SrtpKeys, SrtpProfile } from '../../src/core/srtp/srtp-keys.js';
import type { ErrorCode } from '../../src/errors.js';
import type { DtlsCertificate } from '../contract.js';
import { type ConnectedDtls, createConnectedDtls } from './connected-dtls.js';
import { DtlsServer, HashAlgorithm, SignatureAlgorithm } from './dtls-toolkit.js';
import { createFlightPacker } from './flight-packer.js';
import type { Handshake } from './handshake-queue.js';

export interface DtlsSessionOptions {
  readonly certificate: DtlsCertificate;
  readonly fingerprint: Fingerprint;
  readonly handshake: Handshake;
  readonly send: (datagram: Uint8Array) => void;
  /** `alertKeys`: what a thread that takes the session over needs of DTLS. */
  readonly onConnected: (keys: SrtpKeys, alertKeys: AlertKeys) => void;
  /** `detail` is for the log. */
  readonly onFailed: (code: ErrorCode, detail: string) => void;
  /** The peer sent close_notify. */
  readonly onClosed: () => void;
}

export interface DtlsSession {
  receive(datagram: Uint8Array): void;
  /** The peer has used its keys: it has seen all of the handshake, and what was needed for that can go. */
  settled(): void;
  /** Sends close_notify when connected. */
  close(): void;
}

const handshakeType = { serverHelloDone: 14, certificateVerify: 15 } as const;
/** IANA DTLS-SRTP profiles and the bytes of their salts (RFC 7714 14.2, RFC 5764 4.1.2). */
const profileOf: Readonly<Record<number, { readonly profile: SrtpProfile; readonly saltBytes: number }>> = {
  7: { profile: 'AEAD_AES_128_GCM', saltBytes: 12 },
  1: { profile: 'AES_CM_128_HMAC_SHA1_80', saltBytes: 14 },
};

/**
 * werift repeats its flight 4 by a timer that nothing can clear, which outlives the session by up to 5.5 s. Thrown out
 * of `send` behind the flight's last message it ends the repetition before the timer starts. Nothing is lost: the
 * client repeats its ClientHello, and werift answers each with the whole flight (RFC 6347 4.2.4).
 */
const flightSent = new Error('flight sent');

function createServer(options: DtlsSessionOptions, send: (datagram: Buffer) => void): DtlsServer {
  return new DtlsServer({
    transport: {
      type: 'viewer',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: () => {},
      // Resolved in any case: werift leaves some of these promises alone.
      send: (datagram) => {
        send(datagram);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    cert: options.certificate.certPem,
    key: options.certificate.keyPem,
    signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    // The preferred one first.
    srtpProfiles: [7, 1],
    extendedMasterSecret: true,
    certificateRequest: true,
  });
}

const headerOf = ({ type, version, epoch, sequence }: DtlsRecord) => ({
  type,
  version,
  epoch,
  sequenceNumber: sequence,
});

/** The decrypted body, or null when it is not authentic. */
function open(server: DtlsServer, record: DtlsRecord): Buffer | null {
  try {
    return server.cipher.cipher.decrypt(server.sessionType, record.body, headerOf(record));
  } catch {
    return null;
  }
}

type Message = DtlsServer['dtls']['sortedHandshakeCache'][number];

/** As the messages stand in records. werift writes each of them field by field, and would do so twice more here. */
const transcriptOf = (messages: readonly Message[]): Buffer =>
  Buffer.concat(
    messages.map((message) =>
      writeFragment({
        type: message.msg_type,
        messageBytes: message.length,
        sequence: message.message_seq,
        offset: message.fragment_offset,
        body: message.fragment,
      }),
    ),
  );

/** Null when the client proved all that it must, before werift itself answers its Finished. */
function refuse(server: DtlsServer, finished: Buffer, fingerprint: Fingerprint): ErrorCode | null {
  const messages = server.dtls.sortedHandshakeCache;
  const verifyAt = messages.findIndex(({ msg_type }) => msg_type === handshakeType.certificateVerify);
  const proof = messages[verifyAt];
  const certificate = server.remoteCertificate;
  if (proof === undefined || certificate === undefined) return 'viewer.dtls';
  const signed = transcriptOf(messages.slice(0, verifyAt));
  const transcript = Buffer.concat([signed, transcriptOf([proof])]);
  if (!isFinished(finished, server.cipher.masterSecret, transcript)) return 'viewer.dtls';
  if (!ownsKey(certificate, signed, proof.fragment)) return 'viewer.dtls';
  return hasFingerprint(certificate, fingerprint) ? null : 'viewer.fingerprint';
}

function readKeys(server: DtlsServer): SrtpKeys | null {
  const chosen = profileOf[server.srtp.srtpProfile ?? 0];
  if (chosen === undefined) return null;
  const { profile, saltBytes } = chosen;
  const { localKey, localSalt, remoteKey, remoteSalt } = server.extractSessionKeys(16, saltBytes);
  // Bytes of their own: a part of Node's pool would keep the pool, and would be cloned whole for another thread.
  return {
    profile,
    localKey: Uint8Array.from(localKey),
    localSalt: Uint8Array.from(localSalt),
    remoteKey: Uint8Array.from(remoteKey),
    remoteSalt: Uint8Array.from(remoteSalt),
  };
}

/** The nonces' explicit parts follow the implicit ones there (RFC 5288 3). */
const implicitNonceBytes = 4;

/** Null before the handshake has made them. */
function readAlertKeys({ cipher: { cipher } }: DtlsServer): AlertKeys | null {
  const { clientWriteKey, clientNonce, serverWriteKey, serverNonce } = cipher;
  if (!clientWriteKey || !clientNonce || !serverWriteKey || !serverNonce) return null;
  return {
    readKey: Uint8Array.from(clientWriteKey),
    readNonce: Uint8Array.from(clientNonce.subarray(0, implicitNonceBytes)),
    writeKey: Uint8Array.from(serverWriteKey),
    writeNonce: Uint8Array.from(serverNonce.subarray(0, implicitNonceBytes)),
  };
}

export function createDtlsSession(options: DtlsSessionOptions): DtlsSession {
  const gate = createDtlsGate();
  let server: DtlsServer | null = null;
  let state: 'new' | 'proved' | 'connected' | 'over' = 'new';
  let proof: Buffer | null = null;
  let connection: ConnectedDtls | null = null;

  const pack = createFlightPacker(options.send);

  const send = (record: Buffer): void => {
    if (state === 'over') return;
    pack(record);
    if (record[0] === contentType.handshake && record[13] === handshakeType.serverHelloDone) throw flightSent;
  };

  const fail = (code: ErrorCode, detail: string): void => {
    if (state === 'over') return;
    state = 'over';
    options.onFailed(code, detail);
  };

  const closed = (): void => {
    state = 'over';
    options.onClosed();
  };

  const connect = (connected: DtlsServer): void => {
    // werift emits it two or three times in one handshake (docs/browsers.md).
    if (state !== 'proved') return;
    const keys = readKeys(connected);
    const alertKeys = readAlertKeys(connected);
    if (keys === null || alertKeys === null) {
      fail('viewer.dtls', 'no common SRTP profile');
      return;
    }
    state = 'connected';
    gate.connected();
    connection = createConnectedDtls({ keys: alertKeys, send: options.send, onFailed: fail, onClosed: closed });
    options.onConnected(keys, alertKeys);
  };

  const start = (): DtlsServer => {
    const started = createServer(options, send);
    started.onError.subscribe((error: unknown) => {
      if (error !== flightSent) fail('viewer.dtls', String(error));
    });
    started.onConnect.subscribe(() => connect(started));
    server = started;
    return started;
  };

  const takeFinished = (to: DtlsServer, record: DtlsRecord): void => {
    const finished = open(to, record);
    if (finished === null) return;
    if (proof === null) {
      const code = refuse(to, finished, options.fingerprint);
      if (code !== null) {
        fail(code, 'the client did not prove itself');
        return;
      }
      state = 'proved';
      proof = finished;
    }
    // Sent again as it was: our answer was lost. Anything else would begin a renegotiation.
    if (proof.equals(finished)) to.transport.socket.onData(record.bytes, ['', 0]);
  };

  const take = (admitted: Admitted): void => {
    if (state === 'over') return;
    try {
      if (admitted.kind === 'alert') connection?.take(admitted.record);
      // Settled: nothing of the handshake is answered any more.
      if (admitted.kind === 'alert' || (state === 'connected' && server === null)) return;
      const to = server ?? start();
      if (admitted.kind === 'message') to.transport.socket.onData(admitted.record, ['', 0]);
      else takeFinished(to, admitted.record);
    } catch (error) {
      fail('viewer.dtls', String(error));
    }
  };

  return {
    receive(datagram) {
      if (state === 'over' || options.handshake.isFull) return;
      for (const admitted of gate.admit(datagram)) options.handshake.add(() => take(admitted));
    },
    settled() {
      if (state !== 'connected') return;
      server = null;
      proof = null;
    },
    close() {
      if (state === 'connected') connection?.close();
      state = 'over';
    },
  };
}
