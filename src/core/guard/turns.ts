/**
 * Work that is begun for strangers and not finished: so much at once in all, and so much of one client. What is too much
 * waits for its turn, and the client that has the least in hand is next. As much again is there for clients that have nothing
 * in hand: a crowd of few clients', however long it holds its turns, cannot hold up another's first.
 */
import { clientKey } from './ip-address.js';
import type { QuotaRules } from './quota.js';

export interface Turns {
  /** Calls `begin` when the turn has come, at once where there is room. What is given back ends the turn, or the wait for it. */
  request(ip: string, begin: () => void): () => void;
  /** Turns that have begun and are not over. */
  readonly taken: number;
}

interface Waiting {
  readonly key: string;
  readonly begin: () => void;
}

export function createTurns({ max, maxPerClient }: QuotaRules): Turns {
  const perClient = new Map<string, number>();
  const queue = new Set<Waiting>();
  let taken = 0;

  const inHand = (key: string): number => perClient.get(key) ?? 0;

  const next = (): Waiting | undefined => {
    let best: Waiting | undefined;
    for (const one of queue) {
      const least = best === undefined ? maxPerClient : inHand(best.key);
      if (inHand(one.key) < least) best = one;
    }
    return best;
  };

  const hasRoom = ({ key }: Waiting): boolean => taken < max || (inHand(key) === 0 && taken < 2 * max);

  const beginNext = (): void => {
    for (;;) {
      const one = next();
      if (one === undefined || !hasRoom(one)) return;
      queue.delete(one);
      taken += 1;
      perClient.set(one.key, inHand(one.key) + 1);
      one.begin();
    }
  };

  const end = (key: string): void => {
    taken -= 1;
    const left = inHand(key) - 1;
    if (left === 0) perClient.delete(key);
    else perClient.set(key, left);
    beginNext();
  };

  return {
    get taken() {
      return taken;
    },
    request(ip, begin) {
      const key = clientKey(ip);
      let state: 'waiting' | 'begun' | 'over' = 'waiting';
      const one: Waiting = {
        key,
        begin() {
          state = 'begun';
          begin();
        },
      };
      queue.add(one);
      beginNext();
      return () => {
        const before = state;
        state = 'over';
        if (before === 'waiting') queue.delete(one);
        if (before === 'begun') end(key);
      };
    },
  };
}
