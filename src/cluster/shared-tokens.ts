/**
 * Playback tokens that are good for one time, or for so many viewers at the same time, counted over all nodes: the registry is asked
 * when somebody is let in by one. While it is away each node counts its own.
 */
import type { PlaybackClaims } from '../core/guard/playback-claims.js';
import { SluiceError } from '../errors.js';
import type { ClusterSecrets } from './contract.js';
import type { Registry, TokenSeats } from './registry.js';

export interface SharedTokens {
  /** One viewer more. 'used', 'full': by others, at other nodes. */
  take(claims: PlaybackClaims): Promise<TokenUse | 'used' | 'full'>;
}

export interface TokenUse {
  /** That viewer plays no more; further calls do nothing. */
  end(): void;
}

interface SharedTokensOptions {
  readonly registry: Pick<Registry, 'isReachable' | 'useToken' | 'takeSeats' | 'keepSeats'>;
  readonly nodeId: string;
  readonly secrets: Pick<ClusterSecrets, 'tokenKey'>;
  /** Seconds since 1970. */
  readonly nowS: () => number;
}

/** Used while the registry was away; beyond it the first of them are forgotten. */
const maxUntold = 10_000;
const clockToleranceS = 60;
/** Each viewer who comes and goes is told; this is for calls that were lost, and a registry that has lost what it held. */
const tellMs = 60_000;
const nobody: TokenUse = { end: () => {} };

/** A token that is good for so many viewers. */
interface Held {
  readonly key: string;
  readonly most: number;
  /** Here. */
  viewers: number;
  /** They are asked for one after the other, so that none is refused for another one who is. */
  last: Promise<unknown>;
  waiting: number;
  /** The registry was told of them since the last one was asked for. */
  isTold: boolean;
}

const newHeld = (key: string, most: number): Held => ({
  key,
  most,
  viewers: 0,
  last: Promise.resolve(),
  waiting: 0,
  isTold: false,
});

/** `back`: the registry answers again. */
export function createSharedTokens({ registry, nodeId, secrets, nowS }: SharedTokensOptions) {
  const held = new Map<string, Held>();
  /** By their keys, with their ends. */
  const untold = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  /** Null: it cannot be asked. */
  const ask = async <T>(call: () => Promise<T>): Promise<T | null> => {
    if (!registry.isReachable) return null;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return null;
    }
  };
  const seatsOf = ({ key, viewers, most }: Held): TokenSeats => ({ key, nodeId, viewers, most });
  const keep = (all: readonly Held[]): void => {
    for (const one of all) one.isTold = true;
    void ask(() => registry.keepSeats(nodeId, all.map(seatsOf)));
  };
  const forget = (one: Held): void => {
    if (one.viewers === 0 && one.waiting === 0) held.delete(one.key);
    if (held.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const takeSeat = async (one: Held): Promise<TokenUse | null> => {
    one.isTold = false;
    const isTaken = await ask(() => registry.takeSeats({ ...seatsOf(one), viewers: one.viewers + 1 }));
    one.waiting -= 1;
    let isOver = isTaken === false;
    if (isOver) {
      forget(one);
      return null;
    }
    one.viewers += 1;
    // That there are fewer.
    if (one.isTold) keep([one]);
    return {
      end() {
        if (isOver) return;
        isOver = true;
        one.viewers -= 1;
        keep([one]);
        forget(one);
      },
    };
  };
  const seatFor = ({ id, maxViewers }: PlaybackClaims): Promise<TokenUse | null> => {
    if (maxViewers === null) return Promise.resolve(nobody);
    const key = secrets.tokenKey(id);
    const one = held.get(key) ?? newHeld(key, maxViewers);
    held.set(key, one);
    timer ??= setInterval(() => keep([...held.values()]), tellMs).unref();
    one.waiting += 1;
    const seat = one.last.then(() => takeSeat(one));
    one.last = seat;
    return seat;
  };

  const use = (key: string, expiresS: number): Promise<boolean | null> =>
    ask(() => registry.useToken(key, (expiresS - nowS() + clockToleranceS) * 1000));
  /** False: it has been used. */
  const mayUse = async ({ id, isOnce, expiresS }: PlaybackClaims): Promise<boolean> => {
    if (!isOnce) return true;
    const key = secrets.tokenKey(id);
    const isFirst = await use(key, expiresS);
    if (isFirst !== null) return isFirst;
    untold.set(key, expiresS);
    const [oldest] = untold.keys();
    if (untold.size > maxUntold && oldest !== undefined) untold.delete(oldest);
    return true;
  };

  const shared: SharedTokens = {
    async take(claims) {
      const seat = await seatFor(claims);
      if (seat === null) return 'full';
      if (await mayUse(claims)) return seat;
      seat.end();
      return 'used';
    },
  };
  return {
    shared,
    async back(): Promise<void> {
      keep([...held.values()]);
      for (const [key, expiresS] of untold) {
        if ((await use(key, expiresS)) === null) return;
        untold.delete(key);
      }
    },
    close: () => clearInterval(timer),
  };
}
