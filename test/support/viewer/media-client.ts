/** A viewer at the level of datagrams: STUN checks and DTLS by werift's own classes, from a socket on loopback. */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
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
import type { DtlsCertificate } from '../../../actors/contract.js';

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
  /** Resolves when the server has cut the TCP connection off. */
  readonly cut: Promise<unknown>;
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
  /** Reads nothing until it goes on; TCP alone knows this. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface MediaClientOptions {
  /** 127.0.0.1 without one. */
  readonly address?: string;
  /** The client's own, of UDP; without one it is the same. */
  readonly localAddress?: string;
  readonly port: number;
  readonly certificate: DtlsCertificate;
  /** Changes what the client sends as DTLS: splits, swaps, repeats, loses. */
  readonly shape?: (datagram: Buffer) => readonly Buffer[];
  /** False for a datagram of DTLS that gets lost on its way to the client. */
  readonly hears?: (datagram: Buffer) => boolean;
  /** UDP without it. */
  readonly tcp?: boolean;
  /** UDP from this port, to which another socket may be bound later; that one then gets what comes. */
  readonly sharedPort?: number;
  /** Gets what came and is no STUN and no DTLS, in place of `media`. */
  readonly onMedia?: (datagram: Buffer) => void;
  /** False: each flight is sent once, and no timer of werift is left behind. */
  readonly repeats?: boolean;
}

export const isClientHello = (datagram: Buffer): boolean => datagram[0] === 22 && datagram[13] === 1;
const isFinished = (datagram: Buffer): boolean => datagram[0] === 22 && datagram.readUInt16BE(3) === 1;

/** A socket that carries datagrams. */
interface Wire {
  readonly port: number;
  send(datagram: Uint8Array): void;
  onDatagram: (datagram: Buffer) => void;
  /** Resolves when the other side has cut it off; never with UDP. */
  readonly cut: Promise<unknown>;
  /** Reads nothing until it goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

async function openUdpWire({ port, sharedPort, ...options }: MediaClientOptions, address: string): Promise<Wire> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', reuseAddr: sharedPort !== undefined });
  socket.bind(sharedPort ?? 0, options.localAddress ?? address);
  await once(socket, 'listening');
  const wire: Wire = {
    port: socket.address().port,
    send: (datagram) => socket.send(datagram, port, address),
    onDatagram: () => {},
    cut: new Promise(() => {}),
    pause: () => {},
    resume: () => {},
    close: () => socket.close(),
  };
  socket.on('message', (datagram, from) => {
    // Another server of this machine may still send to who had this port before.
    if (from.port === port) wire.onDatagram(datagram);
  });
  return wire;
}

/** RFC 4571: two bytes of length before each packet. */
async function openTcpWire(address: string, port: number): Promise<Wire> {
  const socket = connect(port, address);
  await once(socket, 'connect');
  let rest = Buffer.alloc(0);
  const wire: Wire = {
    port: socket.localPort ?? 0,
    send: (datagram) =>
      socket.write(Buffer.concat([Buffer.from([datagram.length >> 8, datagram.length & 255]), datagram])),
    onDatagram: () => {},
    cut: once(socket, 'close'),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.destroy(),
  };
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      wire.onDatagram(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
  });
  return wire;
}

export async function openMediaClient(options: MediaClientOptions): Promise<MediaClient> {
  const { address = '127.0.0.1', port, certificate, shape } = options;
  const wire = await (options.tcp === true ? openTcpWire(address, port) : openUdpWire(options, address));
  const media: Buffer[] = [];
  const onMedia = options.onMedia ?? ((datagram: Buffer): void => void media.push(datagram));
  let receivedBytes = 0;
  let onStun: (message: Buffer) => void = () => {};
  const { send } = wire;
  const dtls = new DtlsClient({
    transport: {
      type: 'test',
      address: { address: '127.0.0.1', family: 'IPv4', port: wire.port },
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
  wire.onDatagram = (datagram) => {
    receivedBytes += datagram.length;
    const first = datagram[0] ?? 0;
    if (first <= 3) onStun(datagram);
    else if (first >= 20 && first <= 63) {
      if (options.hears?.(datagram) !== false) dtls.transport.socket.onData(datagram, [address, port]);
    } else onMedia(datagram);
  };
  return {
    port: wire.port,
    cut: wire.cut,
    media,
    send,
    dtls,
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
    pause: wire.pause,
    resume: wire.resume,
    close: wire.close,
  };
}
