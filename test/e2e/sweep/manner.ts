/** How a server of the sweep speaks and writes, where it does so in another way than most. */
import type { Socket } from 'node:net';
import type { Command } from '../../../src/core/rtmp/command.js';
import type { messageTypes } from '../../../src/core/rtmp/message.js';
import type { Say, Send } from '../../support/source/play-server.js';

/** A message of the stream that plays. */
export interface Sent {
  readonly type: keyof typeof messageTypes;
  readonly timestampMs: number;
  readonly body: Uint8Array;
}

export interface Peer {
  readonly say: Say;
  readonly send: Send;
  readonly socket: Socket;
  /** Begins to send the media. */
  readonly play: () => void;
}

export interface Manner {
  /** What it does about a command; false: what others do. */
  readonly answer?: (command: Command, peer: Peer) => boolean;
  /** What is sent in place of the message number `n`. */
  readonly reword?: (message: Sent, n: number) => readonly Sent[];
  /** Messages are written together, those of so long. */
  readonly lumpMs?: number;
  /** Writes the messages of the stream. */
  readonly writer?: (socket: Socket) => (message: Sent) => unknown;
}
