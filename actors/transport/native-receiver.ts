/** The receiving half of the add-on (actors/transport/native): null where it was not built. */
import { loadAddOn } from '../../src/add-on.js';

/** Sockets, peers and aims are numbers there. Misuse is a TypeError. */
export interface NativeReceiver {
  /** Gives the number of the socket. Throws with a code of errno(3). `descriptor`: of a socket that is bound already; -1: none. */
  open(address: string, port: number, descriptor: number, bufferBytes: number): number;
  /** The same of a socket that sends from a port that all share (native/receiver.h). */
  openShared(address: string, port: number, bufferBytes: number): number;
  /** What comes to those is read from the inbox with this descriptor, which is owned from then on. */
  openInbox(descriptor: number): number;
  /** Its descriptor, which stays the receiver's. */
  descriptorOf(socket: number): number;
  portOf(socket: number): number;
  /** Gives 0, or an error of errno(3). */
  send(socket: number, datagram: Uint8Array, address: string, port: number): number;
  close(socket: number): void;
  /** Session keys of SRTCP from the peer, not master keys. `indices`: as core/srtp/source-indices.ts, in shared memory. */
  addPeer(profile: number, key: Uint8Array, salt: Uint8Array, authKey: Uint8Array, indices: Float64Array): number;
  /**
   * Its consent checks from this address are answered, and its RTCP from there is opened. Gives a name for the peer at that address,
   * which is never used again.
   */
  aim(
    peer: number,
    socket: number,
    address: string,
    port: number,
    priority: number,
    username: Uint8Array,
    password: Uint8Array,
  ): number;
  /** Nothing is done for it any more. */
  rest(peer: number): void;
  removePeer(peer: number): void;
  /** From wherever it came. Null for what is not authentic, came before, or is one too many. */
  openRtcp(peer: number, packet: Uint8Array): Uint8Array | null;
  /** Bytes of `waiting` to be read at once: one record after the other (native/receiver.h). */
  take(): number;
  /** Its own memory, and what it has allocated for its peers. */
  heldBytes(): number;
}

export type NativeReceiverClass = new (
  waiting: Uint8Array,
  onDatagram: (socket: number, datagram: Uint8Array, address: string, port: number) => void,
  onRtcp: (aim: number, packet: Uint8Array) => void,
  onConnection: (socket: number, descriptor: number) => void,
) => NativeReceiver;

export const loadNativeReceiver = (): NativeReceiverClass | null =>
  loadAddOn<{ readonly NativeReceiver: NativeReceiverClass }>('fanout')?.NativeReceiver ?? null;
