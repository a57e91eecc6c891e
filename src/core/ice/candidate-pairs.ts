/**
 * From where a viewer may send, and to where its media goes (RFC 8445, ICE-lite, RFC 7675): the addresses that proved
 * by a binding request to know our password. A pure machine over opaque keys of addresses.
 *
 * Media follows the source of the viewer's own DTLS and RTCP among its validated addresses: a browser sends these on
 * the pair that it selected. Until then, and when that address went silent (NAT rebinding), it goes to the nominated
 * address of the highest priority: Firefox nominates every pair and uses the highest one, so the last check says nothing.
 *
 * A check proves that its sender knows the password, not that it is where it says to be: a viewer that forges its source could
 * have a stranger flooded. So once connected, media goes only to hosts that DTLS was completed with, or that something
 * authentic came from.
 */

/** docs/reliability.md S6. */
const maxAddresses = 16;
/** A browser sends a check or a report more often than this: Firefox checks each 4 to 6 s and reports each second. */
const silentMs = 7000;

export interface ValidatedAddress {
  readonly key: string;
  readonly priority: number;
  readonly nominated: boolean;
}

interface Address {
  readonly key: string;
  /** Its IP address, without the port. */
  readonly host: string;
  priority: number;
  nominated: boolean;
  checkedMs: number;
  heardMs: number;
}

export interface CandidatePairs {
  /**
   * A valid check from `key`, at the IP address `host`. Gives the key that lost its place to it, so that no more than 16 are kept.
   */
  check(key: string, host: string, priority: number, nominates: boolean, nowMs: number): string | null;
  /** Something of the viewer's own from a validated address: DTLS of the handshake, then authentic RTCP. */
  heard(key: string, nowMs: number): void;
  /** DTLS is up. */
  connected(): void;
  /** True while the address is known, and was checked or heard a moment ago. */
  isLively(key: string, nowMs: number): boolean;
  /** Forgets an address, for example one that belongs to another viewer now. */
  forget(key: string): void;
  /** Forgets what had no valid check for `maxAgeMs` (consent, RFC 7675 5.1). Gives the keys. */
  expire(maxAgeMs: number, nowMs: number): readonly string[];
  /** Where media goes now; null before the first valid check. */
  target(nowMs: number): string | null;
  /** Null for an address that proved nothing. */
  pairOf(key: string): ValidatedAddress | null;
  /** All that proved it. */
  readonly addresses: readonly ValidatedAddress[];
  /** Time of the last valid check; null before the first. */
  readonly lastCheckMs: number | null;
}

const better = (a: Address, b: Address): Address => {
  if (a.nominated !== b.nominated) return a.nominated ? a : b;
  if (a.priority !== b.priority) return a.priority > b.priority ? a : b;
  return a.heardMs >= b.heardMs ? a : b;
};

const oldest = (a: Address, b: Address): Address => (a.checkedMs <= b.checkedMs ? a : b);

export function createCandidatePairs(): CandidatePairs {
  const addresses = new Map<string, Address>();
  let followed: Address | null = null;
  let lastCheckMs: number | null = null;
  /** Null until connected. */
  let provenHosts: Set<string> | null = null;

  const isHeard = ({ heardMs }: Address, nowMs: number): boolean => nowMs - heardMs < silentMs;

  const forget = (key: string): void => {
    addresses.delete(key);
    if (followed?.key === key) followed = null;
  };

  return {
    check(key, host, priority, nominates, nowMs) {
      lastCheckMs = nowMs;
      const known = addresses.get(key);
      if (known !== undefined) {
        known.priority = priority;
        known.nominated ||= nominates;
        known.checkedMs = nowMs;
        known.heardMs = nowMs;
        return null;
      }
      let evicted: string | null = null;
      if (addresses.size >= maxAddresses) {
        const others = [...addresses.values()].filter((address) => address !== followed);
        evicted = others.reduce(oldest).key;
        forget(evicted);
      }
      addresses.set(key, { key, host, priority, nominated: nominates, checkedMs: nowMs, heardMs: nowMs });
      return evicted;
    },
    heard(key, nowMs) {
      const address = addresses.get(key);
      if (address === undefined) return;
      address.heardMs = nowMs;
      followed = address;
      provenHosts?.add(address.host);
    },
    connected() {
      provenHosts = new Set(followed === null ? [] : [followed.host]);
    },
    isLively(key, nowMs) {
      const address = addresses.get(key);
      return address !== undefined && isHeard(address, nowMs);
    },
    forget,
    expire(maxAgeMs, nowMs) {
      const expired = [...addresses.values()].filter((address) => nowMs - address.checkedMs >= maxAgeMs);
      for (const { key } of expired) forget(key);
      return expired.map(({ key }) => key);
    },
    target(nowMs) {
      if (followed !== null && isHeard(followed, nowMs)) return followed.key;
      const proven = [...addresses.values()].filter(({ host }) => provenHosts?.has(host) !== false);
      if (proven.length === 0) return null;
      const lively = proven.filter((address) => isHeard(address, nowMs));
      if (lively.length > 0) return lively.reduce(better).key;
      return followed?.key ?? proven.reduce(better).key;
    },
    pairOf: (key) => addresses.get(key) ?? null,
    get addresses() {
      return [...addresses.values()].map(({ key, priority, nominated }) => ({ key, priority, nominated }));
    },
    get lastCheckMs() {
      return lastCheckMs;
    },
  };
}
