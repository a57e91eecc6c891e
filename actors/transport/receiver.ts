/**
 * What comes by UDP to a media port, and RTCP of its peers by whatever way. One interface of two implementations: that of the add-on
 * does for connected peers what is usual (receiver-native.ts), the other one leaves all of it to the peers (receiver-js.ts).
 */
import type { SrtpKeys } from '../../src/core/srtp/srtp-keys.js';
import type { Credentials } from '../session-record.js';
import type { OnDatagram, RemotePath } from './route.js';
import type { SendQueue } from './send-queue.js';
import type { UdpPort } from './udp-port.js';

/** What was done for a peer at the address that it was aimed at. */
export interface PeerReceived {
  /** A consent check was valid, and is answered. */
  readonly onCheck: () => void;
  /** `ageMs`: how long ago it came. The packet is valid during the call. */
  readonly onRtcp: (packet: Uint8Array, ageMs: number) => void;
}

/** Where media of a peer goes, and what its checks from there have. */
export interface PeerAim {
  readonly target: RemotePath;
  readonly priority: number;
  readonly credentials: Credentials;
}

/** RTCP of one connected peer. */
export interface PeerRtcp {
  /** One SRTCP packet; null for what is not authentic, came before, or is one too many to be looked at. */
  open(packet: Uint8Array): Uint8Array | null;
  /** What is usual may be done for it at this address; null: all is left to the peer. */
  aim(to: PeerAim | null): void;
  close(): void;
}

/** A connection by TCP; its descriptor is the listener's. */
export type OnConnection = (descriptor: number) => void;

export interface SharedReceiver {
  /** `descriptor`: of the inbox, owned from then on. Gives what closes it. */
  openInbox(descriptor: number): () => void;
  /** Sends from the port, and gets what comes to it here through the inbox. */
  openPort(
    address: string,
    port: number,
    queue: SendQueue,
    onDatagram: OnDatagram,
    onConnection: OnConnection,
  ): UdpPort;
}

export interface Receiver {
  /** `descriptor`: of a socket that is bound there already; -1: none. */
  openUdp(
    address: string,
    port: number,
    descriptor: number,
    queue: SendQueue,
    onDatagram: OnDatagram,
  ): Promise<UdpPort>;
  /** Ports that all streams share, and the inbox of what comes to them; null: this one cannot. */
  readonly shared: SharedReceiver | null;
  /** `indices`: what another thread had taken, and where this one notes it (core/srtp/source-indices.ts); in shared memory. */
  openRtcp(keys: SrtpKeys, indices: Float64Array, received: PeerReceived): PeerRtcp;
  /** Tells what has waited. Called again and again. */
  settle(): void;
  /** What it holds beside V8's memory. */
  readonly heldBytes: number;
}
