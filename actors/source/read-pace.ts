/**
 * Reads a socket at a bounded pace: one turn of the loop works on what came for a few ms and leaves the rest to the
 * next, so that a burst never keeps viewers waiting; and what waits is bounded, because the socket is paused.
 */
import type { Socket } from 'node:net';
import type { SourceReads } from './source-reads.js';

const turnMs = 2;

export interface ReadPaceOptions {
  readonly socket: Socket;
  readonly reads: SourceReads;
  /** The socket is not read further while so much waits. */
  readonly pauseBytes: number;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Its bytes are its own during the call only. */
  readonly handle: (bytes: Uint8Array) => void;
  /** Called once, when the socket is closed and all that came before is handled. */
  readonly onClosed: () => void;
}

export interface ReadPace {
  /** True while bytes wait to be handled. */
  readonly isBehind: boolean;
  /** Handles nothing more, and lets the socket run dry. */
  stop(): void;
}

export function createReadPace({ socket, reads, pauseBytes, nowMs, handle, onClosed }: ReadPaceOptions): ReadPace {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  /** Work since the loop was last free for others: a turn is waited for only where there was much, most reads are small. */
  let busyMs = 0;
  let restedMs = Number.NEGATIVE_INFINITY;
  let isTurnDue = false;
  let isClosed = false;
  let isStopped = false;

  const work = (bytes: Uint8Array): void => {
    const sinceMs = nowMs();
    if (sinceMs - restedMs >= turnMs) busyMs = 0;
    handle(bytes);
    restedMs = nowMs();
    busyMs += restedMs - sinceMs;
    if (busyMs >= turnMs) waitForTurn();
  };
  const waitForTurn = (): void => {
    if (!isTurnDue && !isStopped) setImmediate(turn);
    isTurnDue = true;
  };
  const turn = (): void => {
    isTurnDue = false;
    busyMs = 0;
    while (!isStopped && !isTurnDue) {
      const bytes = waiting.shift();
      if (bytes === undefined) break;
      waitingBytes -= bytes.length;
      work(bytes);
    }
    if (isStopped) return;
    if (socket.isPaused() && waitingBytes < pauseBytes) socket.resume();
    if (isClosed && !isTurnDue) finish();
  };
  const finish = (): void => {
    stop();
    onClosed();
  };
  const stop = (): void => {
    isStopped = true;
    waiting = [];
    waitingBytes = 0;
    socket.resume();
  };

  // What has come already waits until the caller is ready for it.
  waitForTurn();
  reads.deliver((bytes) => {
    if (isStopped) return;
    if (!isTurnDue) {
      work(bytes);
      return;
    }
    waiting.push(Uint8Array.from(bytes));
    waitingBytes += bytes.length;
    if (waitingBytes >= pauseBytes) socket.pause();
  });
  socket.on('close', () => {
    isClosed = true;
    if (!isStopped && !isTurnDue) finish();
  });
  // Node reports its end only while it flows.
  socket.resume();

  return {
    get isBehind() {
      return waiting.length > 0;
    },
    stop,
  };
}
