/**
 * DTLS handshakes one step at a time, each in an iteration of the event loop of its own: a key exchange takes milliseconds, and
 * media must not wait for a queue of them (ARCHITECTURE.md, WebRTC).
 */

/** Beyond this nothing is queued: clients retransmit what is not answered (RFC 6347 4.2.4). */
const maxWaiting = 256;

export interface HandshakeQueue {
  readonly isFull: boolean;
  add(work: () => void): void;
  /** Drops what waits. */
  close(): void;
}

export function createHandshakeQueue(): HandshakeQueue {
  let waiting: (() => void)[] = [];
  let next: NodeJS.Immediate | null = null;

  const turn = (): void => {
    const work = waiting.shift();
    next = waiting.length > 0 ? setImmediate(turn) : null;
    work?.();
  };

  return {
    get isFull() {
      return waiting.length >= maxWaiting;
    },
    add(work) {
      waiting.push(work);
      next ??= setImmediate(turn);
    },
    close() {
      waiting = [];
      if (next !== null) clearImmediate(next);
      next = null;
    },
  };
}
