/** A quota for strangers: so many at once in all, and so many of one client. */
import { clientKey } from './ip-address.js';

export interface QuotaRules {
  readonly max: number;
  readonly maxPerClient: number;
}

export interface Quota {
  readonly taken: number;
  /** `all`: none is left for anybody; `client`: none for this one. Each `free` must be released. */
  take(ip: string): 'free' | 'all' | 'client';
  release(ip: string): void;
}

/** `rules` may change: they are looked at when something is taken. */
export function createQuota(rules: QuotaRules): Quota {
  const perClient = new Map<string, number>();
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    take(ip) {
      const key = clientKey(ip);
      const own = perClient.get(key) ?? 0;
      if (own >= rules.maxPerClient) return 'client';
      if (taken >= rules.max) return 'all';
      taken += 1;
      perClient.set(key, own + 1);
      return 'free';
    },
    release(ip) {
      const key = clientKey(ip);
      const left = (perClient.get(key) ?? 1) - 1;
      taken -= 1;
      if (left === 0) perClient.delete(key);
      else perClient.set(key, left);
    },
  };
}
