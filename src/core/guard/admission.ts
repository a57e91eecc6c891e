/**
 * Which TCP connections to the HTTP ports are kept. Strangers share what there is, each up to a limit; the last descriptors
 * are for those who may control, and for the threads of streams. Pure: the caller says what came, and counts when asked.
 *
 * uWebSockets.js says when a connection comes, and of whom, but not whose connection has gone. So the count of a client is
 * an upper bound, until the kernel's table is read: that is asked for when the bound has reached the limit, once a second.
 */
import { clientKey } from './ip-address.js';

export interface AdmissionRules {
  /** Of strangers, in all. */
  readonly maxConnections: number;
  /** Of one stranger. */
  readonly maxPerClient: number;
  /** With fewer free descriptors strangers are not let in. */
  readonly reservedDescriptors: number;
}

export interface Arrival {
  readonly ip: string;
  /** It may control, or is a trusted proxy: only the last descriptors are kept from it. */
  readonly isTrusted: boolean;
  /** Null: not known. */
  readonly freeDescriptors: number | null;
}

export type Admitted = 'kept' | 'tooMany' | 'tooManyOfClient' | 'noDescriptors';

/** Nobody is let in with fewer: what is open must be able to go on. */
const lastDescriptors = 8;
const betweenCountsMs = 1000;

export interface Admission {
  /** Open now, those of the trusted included. */
  readonly open: number;
  /** `count`: reads how many connections each client has, by `clientKey`, that which came included. */
  arrived(arrival: Arrival, nowMs: number, count: () => ReadonlyMap<string, number>): Admitted;
  /** One that was kept is gone. */
  gone(): void;
}

export function createAdmission(rules: AdmissionRules): Admission {
  /** Never less than there are. */
  let perClient = new Map<string, number>();
  let countedMs = Number.NEGATIVE_INFINITY;
  let open = 0;

  const ofClient = (key: string, nowMs: number, count: () => ReadonlyMap<string, number>): number => {
    const bound = (perClient.get(key) ?? 0) + 1;
    const isCountDue = bound > rules.maxPerClient || perClient.size > 2 * rules.maxConnections;
    if (!isCountDue || nowMs - countedMs < betweenCountsMs) return bound;
    countedMs = nowMs;
    perClient = new Map(count());
    const counted = perClient.get(key) ?? 1;
    // It is added when it is kept.
    perClient.set(key, counted - 1);
    return counted;
  };

  const judge = (
    { ip, isTrusted, freeDescriptors }: Arrival,
    nowMs: number,
    count: () => ReadonlyMap<string, number>,
  ) => {
    const needed = isTrusted ? lastDescriptors : rules.reservedDescriptors;
    if (freeDescriptors !== null && freeDescriptors < needed) return 'noDescriptors';
    if (isTrusted) return 'kept';
    if (open >= rules.maxConnections) return 'tooMany';
    return ofClient(clientKey(ip), nowMs, count) > rules.maxPerClient ? 'tooManyOfClient' : 'kept';
  };

  return {
    get open() {
      return open;
    },
    arrived(arrival, nowMs, count) {
      const admitted = judge(arrival, nowMs, count);
      if (admitted !== 'kept') return admitted;
      open += 1;
      const key = clientKey(arrival.ip);
      if (!arrival.isTrusted) perClient.set(key, (perClient.get(key) ?? 0) + 1);
      return admitted;
    },
    gone() {
      open -= 1;
      // Nobody has any: a bound that only grew begins again.
      if (open === 0) perClient.clear();
    },
  };
}
