/**
 * The media port of a stream: one port number, UDP and TCP, for all its viewers. ICE-lite (RFC 8445, RFC 6544), passive in DTLS.
 * A binding request is demultiplexed by its ufrag, anything else by its validated address (RFC 7983); what belongs to no viewer
 * is dropped without an answer (docs/reliability.md S4, S6).
 */
import { networkInterfaces } from 'node:os';
import { readBindingRequest } from '../../src/core/ice/stun-message.js';
import type { Candidate } from '../../src/core/sdp/answer.js';
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { ErrorCode } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import { listenAddresses } from '../../src/net/listen-addresses.js';
import type { ActorSettings, DtlsCertificate } from '../contract.js';
import { candidatesOf } from './candidates.js';
import { createDtlsSession } from './dtls-session.js';
import { createHandshakeQueue } from './handshake-queue.js';
import { openMediaPort } from './media-port.js';
import { type Credentials, createPeer, type Peer } from './peer.js';
import { openOnFreePort } from './port-search.js';
import type { OnDatagram, UdpRoute } from './route.js';
import { createSendQueue, type SendQueue } from './send-queue.js';

/** One peer's path through the endpoint. */
export interface Transport {
  /** One datagram to where the peer is now; false: not taken (the queue is full, or the peer is gone). */
  send(datagram: Uint8Array): boolean;
  /** The path that `send` takes now; null: not by UDP, or none yet. */
  route(): UdpRoute | null;
  /** ICE restart (RFC 8445 9): DTLS and keys stay. */
  restart(credentials: Credentials): void;
  /** Says close_notify and forgets the peer; `onEnded` is not called. */
  close(): void;
}

export interface Admission {
  /** For the log. */
  readonly viewerId: string;
  readonly credentials: Credentials;
  /** Of the peer's certificate, as its offer says (RFC 8122). */
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly onConnected: (keys: SrtpKeys) => void;
  /** `route` gives another path now. */
  readonly onRerouted: () => void;
  /** One SRTCP packet, as it came. */
  readonly onRtcp: (packet: Uint8Array) => void;
  /** Once, unless `close` came first. Null: the peer left by itself. */
  readonly onEnded: (reason: ErrorCode | null) => void;
}

export interface Endpoint {
  readonly candidates: readonly Candidate[];
  admit(admission: Admission): Transport;
  /** Bytes handed to the sockets and not sent yet. */
  queuedBytes(): number;
  /** Datagrams that the kernel did not take when their turn came. */
  readonly refused: SendQueue['refused'];
  /** Says close_notify to all, and frees sockets and timers. */
  close(): Promise<void>;
}

export interface EndpointOptions {
  readonly webrtc: ActorSettings['webrtc'];
  readonly viewers: Pick<ActorSettings['viewers'], 'connectTimeoutMs' | 'silenceTimeoutMs'>;
  readonly certificate: DtlsCertificate;
  /** The port number that its sockets have on every address; 0 when they are to be closed. */
  readonly onListening: (port: number) => void;
  readonly nowMs: () => number;
  readonly log: Logger;
}

const sweepMs = 250;

/** Errors: viewer.limit (no port free), config.invalid (an address of webrtc.listen that cannot be bound). */
export async function createEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { webrtc, log, nowMs } = options;
  const peers = new Set<Peer>();
  const byUfrag = new Map<string, Peer>();
  const byAddress = new Map<string, Peer>();
  const handshakes = createHandshakeQueue();
  const queue = createSendQueue(webrtc.sendQueueBytes, nowMs, log);

  const onDatagram: OnDatagram = (datagram, remote) => {
    // RFC 7983 7: 0 to 3 is STUN.
    const owner = byAddress.get(remote.key);
    if ((datagram[0] ?? 0) > 3) {
      owner?.receive(datagram, remote);
      return owner !== undefined;
    }
    const request = readBindingRequest(datagram);
    const peer = request === null ? undefined : byUfrag.get(request.localUfrag);
    if (request === null || peer?.check(datagram, request, remote) !== true) return owner !== undefined;
    if (owner !== peer) owner?.forget(remote.key);
    byAddress.set(remote.key, peer);
    return true;
  };

  const onGone = (key: string): void => {
    byAddress.get(key)?.forget(key);
    byAddress.delete(key);
  };

  const addresses = webrtc.listen.length > 0 ? webrtc.listen : listenAddresses(networkInterfaces());
  const ports = await openOnFreePort(addresses, webrtc, (address, port) =>
    openMediaPort({ address, port, queue, nowMs, onDatagram, onGone }),
  );

  const remove = (peer: Peer): void => {
    peers.delete(peer);
    for (const map of [byUfrag, byAddress]) {
      for (const [key, owner] of map) if (owner === peer) map.delete(key);
    }
  };

  const admit = ({ viewerId, fingerprint, credentials, ...events }: Admission): Transport => {
    const peer = createPeer({
      credentials,
      nowMs,
      timeouts: options.viewers,
      createDtls: (handlers) =>
        createDtlsSession({ certificate: options.certificate, fingerprint, handshakes, ...handlers }),
      onConnected: events.onConnected,
      onRtcp: events.onRtcp,
      onRerouted: events.onRerouted,
      onEnded: (reason, detail) => {
        remove(peer);
        log('debug', 'viewer.transportEnded', { viewerId, reason, detail });
        events.onEnded(reason);
      },
      onForgotten: (key) => byAddress.delete(key),
      onReplaced: (localUfrag) => byUfrag.delete(localUfrag),
    });
    peers.add(peer);
    byUfrag.set(credentials.localUfrag, peer);
    return {
      send: peer.send,
      route: () => peer.route,
      restart(next) {
        peer.restart(next);
        byUfrag.set(next.localUfrag, peer);
      },
      close() {
        peer.close();
        remove(peer);
      },
    };
  };

  const sweep = setInterval(() => {
    for (const peer of [...peers]) peer.sweep();
    for (const port of ports) port.sweep();
    queue.report();
  }, sweepMs);

  const announced = webrtc.announce.length > 0 ? webrtc.announce : addresses;
  const port = ports[0]?.port ?? 0;
  options.onListening(port);
  log('info', 'viewers.listening', { port, addresses: addresses.join(', '), announced: announced.join(', ') });
  return {
    candidates: candidatesOf(announced, port, ['udp', 'tcp']),
    admit,
    refused: queue.refused,
    queuedBytes: () => queue.bytes,
    async close() {
      clearInterval(sweep);
      for (const peer of [...peers]) {
        peer.close();
        remove(peer);
      }
      handshakes.close();
      await queue.drained();
      options.onListening(0);
      await Promise.all(ports.map((port) => port.close()));
    },
  };
}
