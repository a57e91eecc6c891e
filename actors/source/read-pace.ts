/**
 * Reads a socket at a bounded pace: one turn of the loop works on what came for a few ms and leaves the rest to the
 * next, so that a burst never keeps viewers waiting; and what waits is bounded, because the socket is paused.
 * While nobody waits for what comes, the socket rests between reads (rest.ts).
 */
import type { Socket } from 'node:net';
import type { Rest } from './rest.js';
import type { SourceReads } from './source-reads.js';

const turnMs = 2;

export interface ReadPaceOptions {
  readonly socket: Socket;
  readonly reads: SourceReads;
  /** The socket is not read further while so much waits. */
  readonly pauseBytes: number;
  /** Nobody waits for what comes. */
  readonly mayRest: () => boolean;
  readonly openRest: (mayRest: () => boolean) => Rest;
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
  /** `mayRest` has become false. */
  wake(): void;
  /** Handles nothing more, and lets the socket run dry. */
  stop(): void;
}

export function createReadPace(options: ReadPaceOptions): ReadPace {
  const { socket, reads, pauseBytes, mayRest, openRest, nowMs, handle, onClosed } = options;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  /** Work since the loop was last free for others: a turn is waited for only where there was much, most reads are small. */
  let busyMs = 0;
  let restedMs = Number.NEGATIVE_INFINITY;
  let isTurnDue = false;
  let isClosed = false;
  let isStopped = false;
  const rest = openRest(() => mayRest() && !isTurnDue && !isStopped);

  const work = (bytes: Uint8Array): void => {
    const sinceMs = nowMs();
    if (sinceMs - restedMs >= turnMs) busyMs = 0;
    handle(bytes);
    restedMs = nowMs();
    busyMs += restedMs - sinceMs;
    if (busyMs >= turnMs) waitForTurn();
    if (mayRest()) rest.read(bytes.length);
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
    rest.close();
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
    wake: () => rest.end(),
    stop,
  };
}
