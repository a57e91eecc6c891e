/** A viewer at the level of datagrams: STUN checks and DTLS by werift's own classes, from a UDP socket on 127.0.0.1. */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  CipherContext,
  classes,
  DtlsClient,
  HashAlgorithm,
  Message,
  methods,
  parseMessage,
  SignatureAlgorithm,
} from 'werift';
import type { DtlsCertificate } from '../../actors/contract.js';

export interface IceCredentials {
  readonly localUfrag: string;
  readonly localPwd: string;
  readonly remoteUfrag: string;
}

export const iceCredentials = (): IceCredentials => ({
  localUfrag: randomBytes(6).toString('base64'),
  localPwd: randomBytes(18).toString('base64'),
  remoteUfrag: randomBytes(3).toString('base64'),
});

const signatureHash = { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 };

export async function makeCertificate(): Promise<DtlsCertificate> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(signatureHash);
  const der = Buffer.from(certPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const hex = createHash('sha256').update(der).digest('hex').toUpperCase();
  return { certPem, keyPem, fingerprint: hex.replace(/(..)(?!$)/g, '$1:') };
}

export interface CheckOptions {
  readonly password?: string;
  readonly nominates?: boolean;
  readonly priority?: number;
  readonly username?: string;
}

/** A binding request as a browser sends it (RFC 8445 7.1). */
export function bindingRequest(credentials: IceCredentials, options: CheckOptions = {}): Buffer {
  const message = new Message(methods.BINDING, classes.REQUEST, randomBytes(12));
  message.setAttribute('USERNAME', options.username ?? `${credentials.localUfrag}:${credentials.remoteUfrag}`);
  message.setAttribute('PRIORITY', options.priority ?? 1_853_693_695);
  message.setAttribute('ICE-CONTROLLING', 1n);
  if (options.nominates !== false) message.setAttribute('USE-CANDIDATE', null);
  message.addMessageIntegrity(Buffer.from(options.password ?? credentials.localPwd)).addFingerprint();
  return message.bytes;
}

export interface MediaClient {
  readonly port: number;
  /** What came and is no STUN and no DTLS. */
  readonly media: Buffer[];
  /** Bytes that came in all. */
  readonly receivedBytes: number;
  send(datagram: Uint8Array): void;
  /** Sends a check, and gives what XOR-MAPPED-ADDRESS of the verified answer says. */
  check(credentials: IceCredentials, options?: CheckOptions): Promise<readonly [address: string, port: number]>;
  readonly dtls: DtlsClient;
  /** Resolves when DTLS is up on the client's side. */
  handshake(): Promise<void>;
  close(): void;
}

export interface MediaClientOptions {
  readonly port: number;
  readonly certificate: DtlsCertificate;
  /** Changes what the client sends as DTLS: splits, swaps, repeats, loses. */
  readonly shape?: (datagram: Buffer) => readonly Buffer[];
  /** False for a datagram of DTLS that gets lost on its way to the client. */
  readonly hears?: (datagram: Buffer) => boolean;
  /** False: each flight is sent once, and no timer of werift is left behind. */
  readonly repeats?: boolean;
}

export const isClientHello = (datagram: Buffer): boolean => datagram[0] === 22 && datagram[13] === 1;
const isFinished = (datagram: Buffer): boolean => datagram[0] === 22 && datagram.readUInt16BE(3) === 1;

export async function openMediaClient(options: MediaClientOptions): Promise<MediaClient> {
  const { port, certificate, shape } = options;
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const media: Buffer[] = [];
  let receivedBytes = 0;
  let onStun: (message: Buffer) => void = () => {};
  const send = (datagram: Uint8Array): void => socket.send(datagram, port, '127.0.0.1');
  const dtls = new DtlsClient({
    transport: {
      type: 'test',
      address: socket.address(),
      closed: false,
      onData: () => {},
      send: (datagram) => {
        for (const part of shape?.(datagram) ?? [datagram]) send(part);
        // Thrown behind the last message of a flight it keeps werift from starting the timer that repeats it.
        if (options.repeats !== true && (isClientHello(datagram) || isFinished(datagram))) throw new Error('sent once');
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    cert: certificate.certPem,
    key: certificate.keyPem,
    signatureHash,
    srtpProfiles: [7, 1],
    extendedMasterSecret: true,
  });
  socket.on('message', (datagram) => {
    receivedBytes += datagram.length;
    const first = datagram[0] ?? 0;
    if (first <= 3) onStun(datagram);
    else if (first >= 20 && first <= 63) {
      if (options.hears?.(datagram) !== false) dtls.transport.socket.onData(datagram, ['127.0.0.1', port]);
    } else media.push(datagram);
  });
  return {
    port: socket.address().port,
    ...{ media, send, dtls },
    get receivedBytes() {
      return receivedBytes;
    },
    async check(credentials, options) {
      const request = bindingRequest(credentials, options);
      const answer = new Promise<Buffer>((resolve) => {
        onStun = (message) => {
          if (message.subarray(8, 20).equals(request.subarray(8, 20))) resolve(message);
        };
      });
      send(request);
      const message = parseMessage(await answer, Buffer.from(credentials.localPwd));
      if (message?.messageClass !== classes.RESPONSE) throw new Error('no authentic success response');
      return message.getAttributeValue('XOR-MAPPED-ADDRESS');
    },
    async handshake() {
      const up = dtls.onConnect.asPromise();
      // It rejects when it gave up, which the test sees by its own deadline.
      dtls.connect().catch(() => {});
      await up;
    },
    close: () => socket.close(),
  };
}
