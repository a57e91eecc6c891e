/**
 * The media port of a stream: one port number, UDP and TCP, for all its viewers. ICE-lite (RFC 8445, RFC 6544), passive in DTLS.
 */
import type { AlertKeys } from '../../src/core/dtls/alert.js';
import type { Candidate } from '../../src/core/sdp/answer.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { ErrorCode } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import { releasePort } from '../../src/threads/native/held-port.js';
import type { DtlsCertificate } from '../contract.js';
import type { Credentials, HeldPort, SessionRecord } from '../session-record.js';
import type { ActorSettings } from '../settings.js';
import { candidatesOf } from './candidates.js';
import { createReceiver } from './choose-receiver.js';
import { createConnectedDtls } from './connected-dtls.js';
import { createDtlsSession } from './dtls-session.js';
import { createHandshakeQueue } from './handshake-queue.js';
import { inboxOf } from './inbox.js';
import { openMediaPorts } from './media-ports.js';
import { createPeer, type Peer, type PeerOptions } from './peer.js';
import { createPeerTable, type PeerTable } from './peer-table.js';
import type { PeerReceived } from './receiver.js';
import type { UdpRoute } from './route.js';
import { createSendQueue, type SendQueue } from './send-queue.js';

/** One peer's path through the endpoint. */
export interface Transport {
  /** One datagram to where the peer is now; false: not taken (the queue is full, or the peer is gone). */
  send(datagram: Uint8Array): boolean;
  /** The path that `send` takes now; null: not by UDP, or none yet. */
  route(): UdpRoute | null;
  /** ICE restart (RFC 8445 9): DTLS and keys stay. */
  restart(credentials: Credentials): void;
  /** What another thread must know of the path to go on with it. */
  readonly state: Pick<SessionRecord, 'credentials' | 'addresses'>;
  readonly connectedIn: Peer['connectedIn'];
  /** Says close_notify and forgets the peer; `onEnded` is not called. */
  close(): void;
}

export interface TransportEvents {
  /** `route` gives another path now. */
  readonly onRerouted: () => void;
  /** `state` has changed; not before it is connected. */
  readonly onChanged: () => void;
  /** One RTCP packet, authentic and opened. `ageMs`: how long ago it came. Valid during the call. */
  readonly onRtcp: PeerReceived['onRtcp'];
  /** Once, unless `close` came first. Null: the peer left by itself. */
  readonly onEnded: (reason: ErrorCode | null) => void;
}

/** Where the highest SRTCP index of each source of the peer is noted, in shared memory (core/srtp/source-indices.ts). */
interface Noted {
  readonly rtcpIndices: Float64Array;
}

export interface Admission extends TransportEvents, Noted {
  /** For the log. */
  readonly viewerId: string;
  readonly credentials: Credentials;
  /** Of the peer's certificate, as its offer says (RFC 8122). */
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly onConnected: (keys: SrtpKeys, alertKeys: AlertKeys) => void;
}

export type Resumption = TransportEvents &
  Noted &
  Pick<SessionRecord, 'viewerId' | 'credentials' | 'addresses' | 'keys' | 'alertKeys'>;

export interface Endpoint {
  /** HeldPort.id. */
  readonly portId: string;
  /** Every ufrag of ours begins with it. */
  readonly ufragPrefix: string;
  readonly candidates: readonly Candidate[];
  /** Resolves when a newcomer may be admitted: those whose handshakes have begun come first. */
  newcomer(): Promise<void>;
  admit(admission: Admission): Transport;
  /** Goes on with a peer that is connected already. */
  resume(resumption: Resumption): Transport;
  /** Bytes handed to the sockets and not sent yet. */
  queuedBytes(): number;
  /** Datagrams that the kernel did not take when their turn came. */
  readonly refused: SendQueue['refused'];
  /** What receiving holds beside V8's memory. */
  readonly heldBytes: number;
  /** Says close_notify to all, and frees sockets and timers. */
  close(): Promise<void>;
  /** Frees them silently: another thread goes on at this port, which stays held. */
  abandon(): Promise<void>;
}

export interface EndpointOptions {
  readonly webrtc: ActorSettings['webrtc'];
  readonly viewers: Pick<ActorSettings['viewers'], 'connectTimeoutMs' | 'silenceTimeoutMs'>;
  readonly certificate: DtlsCertificate;
  /** Sockets of a thread that is gone, to go on with; null: new ones. */
  readonly inherited: HeldPort | null;
  /** Its sockets are open, and held. */
  readonly onOpened: (held: HeldPort) => void;
  /** They are to be closed. */
  readonly onClosed: (held: HeldPort) => void;
  readonly nowMs: () => number;
  readonly log: Logger;
}

const sweepMs = 250;

/** Errors: viewer.limit (no port free), config.invalid (an address of webrtc.listen that cannot be bound). */
export async function createEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { webrtc, log, nowMs, inherited } = options;
  const inbox = inboxOf(webrtc.singlePort, inherited);
  const table = createPeerTable(inbox);
  const handshakes = createHandshakeQueue();
  const receiver = createReceiver(webrtc.fanout);
  const queue = createSendQueue(webrtc.sendQueueBytes, nowMs, log);

  const { onDatagram, onGone } = table;
  const { share } = inbox;
  const media = await openMediaPorts({ webrtc, inherited, share, receiver, queue, nowMs, onDatagram, onGone });
  const { ports, held } = media;

  type Part = Pick<PeerOptions, 'credentials' | 'known' | 'createDtls' | 'onConnected'>;
  const open = (part: Part, viewerId: string, events: TransportEvents & Noted): Transport => {
    const peer = createPeer({
      ...part,
      nowMs,
      timeouts: options.viewers,
      openRtcp: (keys, received) => receiver.openRtcp(keys, events.rtcpIndices, received),
      onRtcp: events.onRtcp,
      onRerouted: events.onRerouted,
      onChanged: events.onChanged,
      onEnded: (reason, detail) => {
        table.remove(peer);
        log('debug', 'viewer.transportEnded', { viewerId, reason, detail });
        events.onEnded(reason);
      },
      claim: inbox.claim,
      onForgotten: table.forgetAddress,
      onReplaced: table.unname,
    });
    table.add(peer, part.known?.addresses.map(({ remote }) => remote.key) ?? []);
    return transportOf(peer, table);
  };

  const admit = ({ viewerId, fingerprint, credentials, onConnected, ...events }: Admission): Transport => {
    const { certificate } = options;
    const createDtls: PeerOptions['createDtls'] = (handlers) =>
      createDtlsSession({ certificate, fingerprint, handshake: handshakes.open(), ...handlers });
    return open({ credentials: [credentials], known: null, createDtls, onConnected }, viewerId, events);
  };

  const resume = ({ viewerId, credentials, addresses, keys, alertKeys, ...events }: Resumption): Transport => {
    const known = addresses.flatMap(({ localAddress, address, port, priority, nominated }) => {
      const remote = ports.find((one) => one.address === localAddress)?.pathTo(address, port);
      return remote === undefined || !inbox.claim(remote) ? [] : [{ remote, priority, nominated }];
    });
    const createDtls: PeerOptions['createDtls'] = (handlers) => createConnectedDtls({ keys: alertKeys, ...handlers });
    return open(
      { credentials, known: { addresses: known, keys }, createDtls, onConnected: () => {} },
      viewerId,
      events,
    );
  };

  const sweep = setInterval(() => {
    receiver.settle();
    for (const peer of table.peers) peer.sweep();
    for (const port of ports) port.sweep();
    queue.report();
  }, sweepMs);

  const addresses = ports.map(({ address }) => address);
  const announced = webrtc.announce.length > 0 ? webrtc.announce : addresses;
  const { port } = held;
  options.onOpened(held);
  log('info', 'viewers.listening', { port, addresses: addresses.join(', '), announced: announced.join(', ') });
  const free = async (): Promise<void> => {
    clearInterval(sweep);
    handshakes.close();
    await queue.drained();
    await media.close();
  };

  return {
    portId: held.id,
    ufragPrefix: inbox.ufragPrefix,
    candidates: candidatesOf(announced, port, ['udp', 'tcp']),
    newcomer: handshakes.newcomer,
    admit,
    resume,
    refused: queue.refused,
    queuedBytes: () => queue.bytes,
    get heldBytes() {
      return receiver.heldBytes;
    },
    async close() {
      for (const peer of table.peers) {
        peer.close();
        table.remove(peer);
      }
      options.onClosed(held);
      await free();
      releasePort(held);
    },
    abandon() {
      for (const peer of table.peers) {
        peer.abandon();
        table.remove(peer);
      }
      return free();
    },
  };
}

const transportOf = (peer: Peer, table: PeerTable): Transport => ({
  send: peer.send,
  route: () => peer.route,
  restart(next) {
    peer.restart(next);
    table.name(next.localUfrag, peer);
  },
  get connectedIn() {
    return peer.connectedIn;
  },
  get state() {
    const { credentials, addresses } = peer;
    return { credentials, addresses };
  },
  close() {
    peer.close();
    table.remove(peer);
  },
});
