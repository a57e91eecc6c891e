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
  readonly begin: () => void;
}

export function createTurns({ max, maxPerClient }: QuotaRules): Turns {
  const perClient = new Map<string, number>();
  /** By client, who was served longest ago first: of a crowd of few clients not each one that waits is looked at. */
  const queues = new Map<string, Set<Waiting>>();
  let taken = 0;

  const inHand = (key: string): number => perClient.get(key) ?? 0;

  /** Null: nobody's turn has come. */
  const nextClient = (): string | null => {
    let [best, least]: [string | null, number] = [null, taken < max ? maxPerClient : 1];
    if (taken >= 2 * max) return null;
    for (const key of queues.keys()) {
      if (inHand(key) < least) [best, least] = [key, inHand(key)];
      if (least === 0) break;
    }
    return best;
  };

  const forget = (key: string, one: Waiting): void => {
    const queue = queues.get(key);
    queue?.delete(one);
    if (queue?.size === 0) queues.delete(key);
  };

  const beginNext = (): void => {
    for (;;) {
      const key = nextClient();
      const queue = queues.get(key ?? '') ?? new Set();
      const [one] = queue;
      if (key === null || one === undefined) return;
      queues.delete(key);
      queue.delete(one);
      if (queue.size > 0) queues.set(key, queue);
      taken += 1;
      perClient.set(key, inHand(key) + 1);
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
        begin() {
          state = 'begun';
          begin();
        },
      };
      queues.set(key, (queues.get(key) ?? new Set()).add(one));
      beginNext();
      return () => {
        const before = state;
        state = 'over';
        if (before === 'waiting') forget(key, one);
        if (before === 'begun') end(key);
      };
    },
  };
}
