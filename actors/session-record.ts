/**
 * Types only: what a thread must know of a viewer's session to go on with it after the thread that served it has died. The main
 * thread keeps it, and what changes with every packet lies in shared memory (actors/fanout/session-numbers.ts). It holds keys: it
 * never goes to a log.
 */
import type { VideoWish } from '../src/core/codec/video-encoding.js';
import type { AlertKeys } from '../src/core/dtls/alert.js';
import type { Answer } from '../src/core/sdp/answer.js';
import type { SrtpKeys } from '../src/core/srtp/srtp-keys.js';

/** ICE credentials (RFC 8445 5.3). */
export interface Credentials {
  readonly localUfrag: string;
  readonly localPwd: string;
  readonly remoteUfrag: string;
}

/** An address of a viewer that has proved by a check to be its own, and ours that it came to. By UDP. */
export interface PeerAddress {
  readonly localAddress: string;
  readonly address: string;
  readonly port: number;
  /** RFC 8445 7.1.1. */
  readonly priority: number;
  readonly nominated: boolean;
  /** Media goes there. */
  readonly isTarget: boolean;
}

export interface SessionRecord {
  readonly viewerId: string;
  /** The media port that it is served at (HeldPort). */
  readonly portId: string;
  readonly answer: Answer;
  readonly wish: VideoWish | null;
  readonly keys: SrtpKeys;
  readonly alertKeys: AlertKeys;
  /** Those that are valid, the newest last. */
  readonly credentials: readonly Credentials[];
  /** The one that media goes to last. */
  readonly addresses: readonly PeerAddress[];
  /** The block of its numbers. */
  readonly numbers: SharedArrayBuffer;
}

/** The sockets of a media port at one address, as src/threads/native/hold.h holds them; -1: not held. */
export interface HeldSockets {
  readonly address: string;
  readonly udp: number;
  readonly tcp: number;
}

export interface HeldPort {
  /** Names it among those of this process. */
  readonly id: string;
  readonly port: number;
  /** The inbox of what comes to a port that all streams share (src/threads/native/inbox.h); null: the port is its own. */
  readonly inbox: number | null;
  readonly sockets: readonly HeldSockets[];
}

/** The viewers of a thread that died, with the port that they send to. */
export interface HandOver {
  readonly port: HeldPort;
  readonly sessions: readonly SessionRecord[];
}
