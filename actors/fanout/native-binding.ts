/** The add-on of actors/fanout/native: loaded where it was built for this platform, null everywhere else. */
import { loadAddOn } from '../../src/add-on.js';

/** Kinds and profiles are numbers there; packets, slots and sequence numbers are integers. Misuse is a TypeError. */
export interface NativeFanout {
  attach(
    kind: number,
    arena: Uint8Array,
    offsets: Uint32Array,
    lengths: Uint16Array,
    rtpTs: Uint32Array,
    flags: Uint8Array,
    shared: Int32Array,
  ): void;
  /**
   * Gives the viewer's slot. Session keys, not master keys. `numbers`: the words of session-numbers.ts, in shared memory; the
   * caller keeps them until `removeSubscriber`.
   */
  addSubscriber(profile: number, key: Uint8Array, salt: Uint8Array, authKey: Uint8Array, numbers: Float64Array): number;
  /** `since`: the sequence number since which it was sent this history without a move; `firstSequence` of a new one. */
  setTrack(
    slot: number,
    kind: number,
    ssrc: number,
    payloadType: number,
    firstSequence: number,
    cursor: number,
    since: number,
  ): void;
  /** Packets are sent again in a stream of their own (RFC 4588). */
  setRtx(slot: number, kind: number, ssrc: number, payloadType: number, firstSequence: number): void;
  /** All packets carry transport-wide numbers from now on; nothing happens when they do. `id`: 1 to 14. */
  setTwcc(slot: number, id: number, next: number): void;
  /**
   * Of each transport-wide number from `first` (16 bits) on two values: when it was sent, in ms of the monotonic clock, and
   * its bytes; 0 bytes: not known any more.
   */
  lookUpSent(slot: number, first: number, out: Float64Array): void;
  /** Session keys of RTCP to the viewer. */
  setRtcp(slot: number, key: Uint8Array, salt: Uint8Array, authKey: Uint8Array): void;
  /** Protects and sends one packet; false: not taken. */
  sendRtcp(slot: number, packet: Uint8Array): boolean;
  setRoute(slot: number, descriptor: number, address: Uint8Array, port: number): void;
  removeSubscriber(slot: number): void;
  /** -1 for a track that the viewer does not take. */
  cursor(slot: number, kind: number): number;
  seek(slot: number, kind: number, packet: number): void;
  hold(slot: number, kind: number, held: 0 | 1): void;
  /** The slot to go on with, or -1. `blocked[0]` says how many slots follow there. */
  serve(kind: number, first: number, end: number, slot: number, budgetUs: number, blocked: Uint32Array): number;
  serveOne(kind: number, first: number, end: number, slot: number, maxPackets: number): boolean;
  resend(kind: number, first: number, end: number, slot: number, sequences: Uint16Array): number;
  /** System calls, datagrams, blocked, too long, dropped, messages that fell back to single packets. */
  totals(out: Float64Array): void;
  /** What it has allocated for its viewers. */
  heldBytes(): number;
  /** A duplicate of this process's UDP socket that is bound there, or -1. */
  findSocket(address: Uint8Array, port: number): number;
  /** A duplicate of this socket, which is bound there, beside others maybe; -1: it is not. */
  copySocket(descriptor: number, address: Uint8Array, port: number): number;
  closeSocket(descriptor: number): void;
}

export type NativeFanoutClass = new () => NativeFanout;

export const loadNativeFanout = (): NativeFanoutClass | null =>
  loadAddOn<{ readonly NativeFanout: NativeFanoutClass }>('fanout')?.NativeFanout ?? null;
