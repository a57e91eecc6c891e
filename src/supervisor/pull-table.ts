/** The list of pulls: by id, by given name, and by the key of their first uri. */
import type { PullOrigin } from '../../actors/contract.js';
import type { Settings } from '../config/schema.js';
import { isSourceAddress } from '../core/source/schemes.js';
import { SluiceError } from '../errors.js';
import { isOfViewer, isOnDemand, type Pull, type PullOwner } from './pull.js';
import type { PullInfo, PullSelector, WantedPull } from './pull-info.js';
import { uriKeyOf } from './pull-request.js';

export interface PullTable {
  readonly pulls: readonly Pull[];
  get(pullId: string): Pull | undefined;
  byUriKey(uriKey: string): Pull | undefined;
  byName(givenName: string): Pull | undefined;
  /** By given name, else by uri. */
  find(name: string): Pull | undefined;
  /** Undefined also when two fields name two pulls, or none is given. */
  select(which: PullSelector): Pull | undefined;
  add(pull: Pull): void;
  /** It had the given name `before`. */
  renamed(pull: Pull, before: string | null): void;
  remove(pull: Pull): void;
  /**
   * Throws what forbids a new pull with these. One on demand gives way to a pull that is wanted by other than viewers.
   * Errors: pull.conflict, pull.nameTaken, pull.limit; for viewers request.tooMany.
   */
  check(wanted: Wanted): void;
}

/** What a new pull would be. */
interface Wanted extends Pick<Pull, 'uriKey'>, Pick<PullOwner, 'givenName' | 'client'> {
  readonly origin: PullOrigin;
}

/** A pull that is over or FAILED stays listed for a while, and does not count against a new one. */
export const isLive = ({ status }: Pull): boolean => !status.isOver && status.state !== 'FAILED';

type Limits = Pick<Settings['pulls'], 'max' | 'viewerSharePercent' | 'viewerPullsPerClient'>;

/** How many pulls viewers may have started. */
export const viewersShare = ({ max, viewerSharePercent }: Limits): number =>
  Math.floor((max * viewerSharePercent) / 100);

export function createPullTable(limits: Limits): PullTable {
  const byId = new Map<string, Pull>();
  const byUriKey = new Map<string, Pull>();
  const byName = new Map<string, Pull>();

  const byText = (name: string): Pull | undefined =>
    byName.get(name) ?? (isSourceAddress(name) ? byUriKey.get(uriKeyOf(name) ?? '') : undefined);

  const forget = (pull: Pull, name: string | null): void => {
    if (name !== null && byName.get(name) === pull) byName.delete(name);
  };
  const name = (pull: Pull): void => {
    if (pull.by.givenName !== null) byName.set(pull.by.givenName, pull);
  };

  const checkShare = (live: readonly Pull[], client: string | null): void => {
    const ofViewers = live.filter(isOfViewer);
    if (ofViewers.length >= viewersShare(limits)) {
      throw new SluiceError('pull.limit', `viewers may take ${limits.viewerSharePercent} % of pulls.max`);
    }
    if (ofViewers.filter((pull) => pull.by.client === client).length >= limits.viewerPullsPerClient) {
      throw new SluiceError('request.tooMany', `pulls.viewerPullsPerClient is ${limits.viewerPullsPerClient}`);
    }
  };

  return {
    get pulls() {
      return [...byId.values()];
    },
    get: (pullId) => byId.get(pullId),
    byUriKey: (uriKey) => byUriKey.get(uriKey),
    byName: (givenName) => byName.get(givenName),
    find: byText,
    select({ pullId, uri, localName }) {
      const named = [
        pullId === undefined ? null : byId.get(pullId),
        uri === undefined ? null : byUriKey.get(uriKeyOf(uri) ?? ''),
        localName === undefined ? null : byText(localName),
      ].filter((pull) => pull !== null);
      return named.every((pull) => pull === named[0]) ? named[0] : undefined;
    },
    add(pull) {
      byId.set(pull.spec.pullId, pull);
      byUriKey.set(pull.uriKey, pull);
      name(pull);
    },
    renamed(pull, before) {
      forget(pull, before);
      name(pull);
    },
    remove(pull) {
      byId.delete(pull.spec.pullId);
      if (byUriKey.get(pull.uriKey) === pull) byUriKey.delete(pull.uriKey);
      forget(pull, pull.by.givenName);
    },
    check({ uriKey, givenName, origin, client }) {
      const same = byUriKey.get(uriKey);
      const givesWay = same !== undefined && origin !== 'viewer' && isOnDemand(same);
      if (same !== undefined && isLive(same) && !givesWay) throw new SluiceError('pull.conflict');
      // One that crashed too often is tried again: its place is its owner's.
      const isOthers = same !== undefined && origin === 'viewer' && !isOnDemand(same) && !same.status.isOver;
      if (isOthers) throw new SluiceError('pull.conflict');
      const namesake = givenName === null ? undefined : byName.get(givenName);
      if (namesake !== undefined && namesake !== same && isLive(namesake)) throw new SluiceError('pull.nameTaken');
      const live = [...byId.values()].filter((pull) => isLive(pull) && pull !== same);
      if (live.length >= limits.max) throw new SluiceError('pull.limit', `pulls.max is ${limits.max}`);
      if (origin === 'viewer') checkShare(live, client);
    },
  };
}

/** Field by field: find_all makes 500 of these at once, and spread objects take hundreds of times as long. */
export function infoOf(pull: Pull, viewers: number): PullInfo {
  const { spec, status, by, restarts, createdAtMs, maskedUris } = pull;
  const { state, reason, detail, media, playing, remoteSessionId } = status;
  return {
    pullId: spec.pullId,
    localName: spec.localName,
    givenName: by.givenName,
    uri: maskedUris[0] ?? '',
    uris: maskedUris,
    playingUri: playing === null || spec.origin === 'edge' ? null : (maskedUris[playing] ?? null),
    remoteSessionId,
    origin: spec.origin,
    state,
    reason,
    detail,
    record: by.record,
    hasAudio: spec.hasAudio,
    hasVideo: spec.hasVideo,
    media,
    viewers,
    players: status.players,
    linkDelayMs: status.linkDelayMs,
    restarts,
    createdAtMs,
  };
}

export function wantedOf({ wanted, by }: Pull, viewers: number): WantedPull {
  const { pullId, uri, standbyUris, origin, hasAudio, hasVideo } = wanted();
  const { givenName, client, record } = by;
  const localStreamName = givenName ?? undefined;
  return {
    request: { uris: [uri, ...standbyUris], localStreamName, origin, hasAudio, hasVideo, record, pullId },
    client,
    viewers,
  };
}
