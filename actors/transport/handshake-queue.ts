/**
 * DTLS handshakes one step at a time, each in an iteration of the event loop of its own: a key exchange takes milliseconds, and
 * media must not wait for a queue of them (ARCHITECTURE.md, WebRTC). The handshake that is furthest goes first, and newcomers come
 * last: so of many who join at once the first ones are through while the last ones wait, and not all of them at the end.
 */

/** Beyond this no step is queued: clients retransmit what is not answered (RFC 6347 4.2.4). */
const maxWaiting = 256;

/** The steps of one handshake, in their order. */
export interface Handshake {
  /** Of all handshakes. */
  readonly isFull: boolean;
  add(step: () => void): void;
}

export interface HandshakeQueue {
  open(): Handshake;
  /** Resolves in a turn in which no step waits; at once when the queue is closed. */
  newcomer(): Promise<void>;
  /** Drops what waits. */
  close(): void;
}

interface Waiting {
  done: number;
  steps: (() => void)[];
}

export function createHandshakeQueue(): HandshakeQueue {
  /** Those of which a step waits, in the order in which they began to wait. */
  const busy = new Set<Waiting>();
  let newcomers: (() => void)[] = [];
  let waiting = 0;
  let next: NodeJS.Immediate | null = null;

  const furthest = (): Waiting | null => {
    let found: Waiting | null = null;
    for (const one of busy) if (found === null || one.done > found.done) found = one;
    return found;
  };

  const takeStep = (of: Waiting): (() => void) | undefined => {
    of.done += 1;
    waiting -= 1;
    const step = of.steps.shift();
    if (of.steps.length === 0) busy.delete(of);
    return step;
  };

  const turn = (): void => {
    const handshake = furthest();
    const work = handshake === null ? newcomers.shift() : takeStep(handshake);
    next = waiting + newcomers.length > 0 ? setImmediate(turn) : null;
    work?.();
  };

  return {
    open() {
      const handshake: Waiting = { done: 0, steps: [] };
      return {
        get isFull() {
          return waiting >= maxWaiting;
        },
        add(step) {
          waiting += 1;
          handshake.steps.push(step);
          busy.add(handshake);
          next ??= setImmediate(turn);
        },
      };
    },
    newcomer: () =>
      new Promise((resolve) => {
        newcomers.push(resolve);
        next ??= setImmediate(turn);
      }),
    close() {
      if (next !== null) clearImmediate(next);
      next = null;
      for (const one of busy) one.steps = [];
      busy.clear();
      waiting = 0;
      for (const resolve of newcomers) resolve();
      newcomers = [];
    },
  };
}
