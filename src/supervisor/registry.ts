/** The list of wanted streams: by id, by local name, and by what their uris mean. */
import { WireError } from '../core/bytes/wire-error.js';
import { listUris } from '../core/rtmp/uri-list.js';
import { maskUri, parseRtmpUrl, uriKey } from '../core/rtmp/url.js';
import { SluiceError } from '../errors.js';
import type { PullRequest, PullView } from './streams.js';
import type { WantedStream } from './wanted-stream.js';

export interface Pull {
  readonly stream: WantedStream;
  readonly key: string;
  readonly record: boolean;
  readonly createdAtMs: number;
  /** As they may be shown: find_all of 500 streams would mask 1,000 of them at each call. */
  readonly maskedUris: readonly string[];
}

export interface Registry {
  readonly pulls: readonly Pull[];
  get(pullId: string): Pull | undefined;
  byKey(key: string): Pull | undefined;
  byName(localName: string): Pull | undefined;
  /** By local name, else by uri. */
  find(name: string): Pull | undefined;
  add(pull: Pull): void;
  remove(pull: Pull): void;
  /** What would be in the way. Errors: pull.conflict, pull.nameTaken, pull.limit. */
  check(key: string, localName: string): void;
}

const maxNameBytes = 512;
const maxUris = 8;
/** What is over stays listed for a while, and is in nobody's way. */
const isLive = ({ stream }: Pull): boolean => !stream.isOver && stream.state !== 'FAILED';

export function createRegistry(maxPulls: number): Registry {
  const byId = new Map<string, Pull>();
  const byKey = new Map<string, Pull>();
  const byName = new Map<string, Pull>();

  const remove = (pull: Pull): void => {
    byId.delete(pull.stream.spec.pullId);
    if (byKey.get(pull.key) === pull) byKey.delete(pull.key);
    if (byName.get(pull.stream.spec.localName) === pull) byName.delete(pull.stream.spec.localName);
  };

  return {
    get pulls() {
      return [...byId.values()];
    },
    get: (pullId) => byId.get(pullId),
    byKey: (key) => byKey.get(key),
    byName: (localName) => byName.get(localName),
    find(name) {
      const named = byName.get(name);
      return named ?? (isAddress(name) ? byKey.get(keyOf(name) ?? '') : undefined);
    },
    add(pull) {
      byId.set(pull.stream.spec.pullId, pull);
      byKey.set(pull.key, pull);
      byName.set(pull.stream.spec.localName, pull);
    },
    remove,
    check(key, localName) {
      const same = byKey.get(key);
      if (same !== undefined && isLive(same)) throw new SluiceError('pull.conflict');
      const namesake = byName.get(localName);
      if (namesake !== undefined && namesake !== same && isLive(namesake)) throw new SluiceError('pull.nameTaken');
      const count = [...byId.values()].filter(isLive).length;
      if (count >= maxPulls) throw new SluiceError('pull.limit', `pulls.max is ${maxPulls}`);
    },
  };
}

/** True for what is to be read as the address of a source, not as a local name. */
export const isAddress = (name: string): boolean => /^rtmps?:\/\//i.test(name);

/** Undefined for what is no address of a source. */
export function keyOf(uri: string): string | undefined {
  try {
    return uriKey(uri);
  } catch {
    return undefined;
  }
}

/** The checked parts of a request; the pull is known by its first uri. Error: request.invalid, naming the field. */
export function readRequest(request: PullRequest): {
  readonly key: string;
  readonly localName: string;
  readonly uri: string;
  readonly standbyUris: readonly string[];
} {
  const { localStreamName, hasAudio, hasVideo } = request;
  if (!hasAudio && !hasVideo) throw new SluiceError('request.invalid', 'hasVideo: neither audio nor video is wanted');
  const [uri, ...standbyUris] = listUris(request);
  if (uri === undefined) throw new SluiceError('request.invalid', 'uri: it is missing');
  if (standbyUris.length >= maxUris) throw new SluiceError('request.invalid', `uris: more than ${maxUris}`);
  // A name that holds credentials would show them in lists and logs.
  const localName = localStreamName ?? maskUri(uri);
  if (localStreamName !== undefined) checkName(localStreamName);
  checkUri(uri, 'uri');
  for (const standby of standbyUris) checkUri(standby, 'uris');
  return { key: uriKey(uri), localName, uri, standbyUris };
}

function checkUri(uri: string, field: string): void {
  try {
    parseRtmpUrl(uri);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new SluiceError('request.invalid', `${field}: ${error.message.slice(error.where.length + 2)}`);
  }
}

function checkName(name: string): void {
  if (name === '') throw new SluiceError('request.invalid', 'localStreamName: it is empty');
  if (/\p{Surrogate}/u.test(name)) throw new SluiceError('request.invalid', 'localStreamName: it is not valid Unicode');
  if (Buffer.byteLength(name) > maxNameBytes) {
    throw new SluiceError('request.invalid', `localStreamName: it is longer than ${maxNameBytes} bytes`);
  }
}

/** Written field by field: find_all makes 500 of these at once, and objects put together from others take hundreds of times as long. */
export function viewOf({ stream, record, createdAtMs, maskedUris }: Pull, viewers: number): PullView {
  const { spec, state, reason, detail, media, restarts, playing } = stream;
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
