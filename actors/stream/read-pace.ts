/**
 * Reads a socket at a bounded pace: one turn of the loop works on what came for a few ms and leaves the rest to the
 * next, so that a burst never keeps viewers waiting; and what waits is bounded, because the socket is paused.
 */
import type { Socket } from 'node:net';

const turnMs = 2;

export interface ReadPaceOptions {
  readonly socket: Socket;
  /** The socket is not read further while so much waits. */
  readonly pauseBytes: number;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly handle: (bytes: Uint8Array) => void;
  /** Told once, when the socket is closed and all that came before is handled. */
  readonly onClosed: () => void;
}

export interface ReadPace {
  /** True while bytes wait to be handled. */
  readonly isBehind: boolean;
  /** Handles nothing more, and lets the socket run dry. */
  stop(): void;
}

export function createReadPace({ socket, pauseBytes, nowMs, handle, onClosed }: ReadPaceOptions): ReadPace {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let turnEndMs: number | null = null;
  let isClosed = false;
  let isStopped = false;

  const work = (): void => {
    if (turnEndMs === null) {
      turnEndMs = nowMs() + turnMs;
      setImmediate(nextTurn);
    }
    // At least one piece a turn, however slow the clock or the work.
    do {
      const bytes = waiting.shift();
      if (bytes === undefined) break;
      waitingBytes -= bytes.length;
      handle(bytes);
    } while (!isStopped && nowMs() < turnEndMs);
    if (isStopped) return;
    if (waitingBytes >= pauseBytes) socket.pause();
    else if (socket.isPaused()) socket.resume();
    if (isClosed && waiting.length === 0) {
      stop();
      onClosed();
    }
  };
  const nextTurn = (): void => {
    turnEndMs = null;
    if (!isStopped && (waiting.length > 0 || isClosed)) work();
  };
  const stop = (): void => {
    isStopped = true;
    waiting = [];
    waitingBytes = 0;
    socket.resume();
  };

  socket.on('data', (bytes: Uint8Array) => {
    if (isStopped) return;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (turnEndMs === null || nowMs() < turnEndMs) work();
    else if (waitingBytes >= pauseBytes) socket.pause();
  });
  socket.on('close', () => {
    isClosed = true;
    if (!isStopped && turnEndMs === null) work();
  });

  return {
    get isBehind() {
      return waiting.length > 0;
    },
    stop,
  };
}
