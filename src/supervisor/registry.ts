/** The list of pulls: by id, by local name, and by the key of their first uri. */
import type { PullOrigin } from '../../actors/contract.js';
import { SluiceError } from '../errors.js';
import { isOnDemand, type Pull } from './pull.js';
import { isSourceUri, uriKeyOf } from './pull-request.js';
import type { PullInfo, PullSelector } from './streams.js';

export interface Registry {
  readonly pulls: readonly Pull[];
  get(pullId: string): Pull | undefined;
  byUriKey(uriKey: string): Pull | undefined;
  byName(localName: string): Pull | undefined;
  /** By local name, else by uri. */
  find(name: string): Pull | undefined;
  /** Undefined also when two fields name two pulls, or none is given. */
  select(which: PullSelector): Pull | undefined;
  add(pull: Pull): void;
  /** It had the local name `before`. */
  renamed(pull: Pull, before: string): void;
  remove(pull: Pull): void;
  /**
   * Throws what forbids a new pull with these. One on demand gives way to a pull that is wanted by other than viewers.
   * Errors: pull.conflict, pull.nameTaken, pull.limit.
   */
  check(uriKey: string, localName: string, origin: PullOrigin): void;
}

/** A pull that is over or FAILED stays listed for a while, and does not count against a new one. */
export const isLive = ({ status }: Pull): boolean => !status.isOver && status.state !== 'FAILED';

export function createRegistry(maxPulls: number): Registry {
  const byId = new Map<string, Pull>();
  const byUriKey = new Map<string, Pull>();
  const byName = new Map<string, Pull>();

  const remove = (pull: Pull): void => {
    byId.delete(pull.spec.pullId);
    if (byUriKey.get(pull.uriKey) === pull) byUriKey.delete(pull.uriKey);
    if (byName.get(pull.spec.localName) === pull) byName.delete(pull.spec.localName);
  };

  return {
    get pulls() {
      return [...byId.values()];
    },
    get: (pullId) => byId.get(pullId),
    byUriKey: (uriKey) => byUriKey.get(uriKey),
    byName: (localName) => byName.get(localName),
    find(name) {
      const named = byName.get(name);
      return named ?? (isSourceUri(name) ? byUriKey.get(uriKeyOf(name) ?? '') : undefined);
    },
    select({ pullId, uri, localName }) {
      const named = [
        pullId === undefined ? null : byId.get(pullId),
        uri === undefined ? null : byUriKey.get(uriKeyOf(uri) ?? ''),
        localName === undefined ? null : byName.get(localName),
      ].filter((pull) => pull !== null);
      return named.every((pull) => pull === named[0]) ? named[0] : undefined;
    },
    add(pull) {
      byId.set(pull.spec.pullId, pull);
      byUriKey.set(pull.uriKey, pull);
      byName.set(pull.spec.localName, pull);
    },
    renamed(pull, before) {
      if (byName.get(before) === pull) byName.delete(before);
      byName.set(pull.spec.localName, pull);
    },
    remove,
    check(uriKey, localName, origin) {
      const same = byUriKey.get(uriKey);
      const givesWay = same !== undefined && origin !== 'viewer' && isOnDemand(same);
      if (same !== undefined && isLive(same) && !givesWay) throw new SluiceError('pull.conflict');
      const namesake = byName.get(localName);
      if (namesake !== undefined && namesake !== same && isLive(namesake)) throw new SluiceError('pull.nameTaken');
      const count = [...byId.values()].filter((pull) => isLive(pull) && pull !== same).length;
      if (count >= maxPulls) throw new SluiceError('pull.limit', `pulls.max is ${maxPulls}`);
    },
  };
}

/** Field by field: find_all makes 500 of these at once, and spread objects take hundreds of times as long. */
export function infoOf({ spec, status, record, restarts, createdAtMs, maskedUris }: Pull, viewers: number): PullInfo {
  const { state, reason, detail, media, playing } = status;
  return {
    pullId: spec.pullId,
    localName: spec.localName,
    uri: maskedUris[0] ?? '',
    uris: maskedUris,
    playingUri: playing === null ? null : (maskedUris[playing] ?? null),
    origin: spec.origin,
    state,
    reason,
    detail,
    record,
    hasAudio: spec.hasAudio,
    hasVideo: spec.hasVideo,
    media,
    viewers,
    restarts,
    createdAtMs,
  };
}
