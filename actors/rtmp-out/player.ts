/** One RTMP player: a connection that the main thread has let play, and that is only written to from here on. */
import { Socket } from 'node:net';
import { type LinkCall, packLinkCall } from '../../src/core/rtmp/link-calls.js';
import { createLinkClock } from '../../src/core/rtmp/link-clock.js';

export interface Player {
  /** Of another node that takes the stream, the epoch under which it was let in; null: it is none. */
  readonly epoch: number | null;
  /** It is not sent anything, and would take it: it has just come, or was too far behind. */
  readonly isReady: boolean;
  /** From the first message on. */
  begin(parts: readonly Uint8Array[]): void;
  /** Nothing goes out before it has begun. */
  send(part: Uint8Array): void;
  /** Told to another node; nobody else is told anything. */
  tell(call: LinkCall): void;
  /** The same of how much later the stream is there, measured again: here it is so much later than at its owner; null: not known. */
  tellDelay(delayMs: number | null): void;
  /** Sends what it was given, and closes. */
  end(): void;
  /** Closes, and sends nothing more. */
  cut(): void;
}

interface PlayerOptions extends Pick<Player, 'epoch'> {
  /** Its socket, which is this thread's own from now on. */
  readonly descriptor: number;
  /** Of what was written and not taken: beyond it the player has to begin again. */
  readonly maxBehindBytes: number;
  readonly nowMs: () => number;
  readonly onClosed: () => void;
}

/** So long one is kept that takes nothing any more. */
const maxBehindMs = 10_000;

export function createPlayer({ descriptor, epoch, maxBehindBytes, nowMs, onClosed }: PlayerOptions): Player {
  const socket = new Socket({ fd: descriptor, readable: true, writable: true });
  const clock = epoch === null ? null : createLinkClock();
  let hasBegun = false;
  let behindSinceMs: number | null = null;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', onClosed);
  // What a player says while it plays changes nothing here; that it goes is seen by its connection.
  if (clock === null) socket.resume();
  else socket.on('data', (bytes) => clock.receive(bytes, nowMs()));

  const tell = (call: LinkCall): void => {
    if (clock !== null) socket.write(packLinkCall(call));
  };
  return {
    epoch,
    get isReady() {
      return !hasBegun && socket.writableLength <= maxBehindBytes / 2;
    },
    begin(parts) {
      hasBegun = true;
      behindSinceMs = null;
      for (const part of parts) socket.write(part);
    },
    send(part) {
      if (hasBegun) socket.write(part);
      if (socket.writableLength <= maxBehindBytes) return;
      hasBegun = false;
      behindSinceMs ??= nowMs();
      if (nowMs() - behindSinceMs > maxBehindMs) socket.destroy();
    },
    tell,
    tellDelay(delayMs) {
      // Behind what is on its way already, as the next frame would be.
      const ping = hasBegun ? (clock?.ping(nowMs()) ?? null) : null;
      if (ping !== null) socket.write(ping);
      const ofLinkMs = clock?.delayMs ?? null;
      if (delayMs !== null && ofLinkMs !== null) tell({ kind: 'delay', delayMs: delayMs + ofLinkMs });
    },
    end: () => void socket.end(),
    cut: () => void socket.destroy(),
  };
}
