/**
 * WCS's REST calls for pulls, /rest-api/pull/{pull,find_all,terminate} and the same below /pull/rtmp, with exactly its fields. Each
 * takes every address: of a ws:// or wss:// one, of another WCS, `remoteStreamName` says which of its streams is meant.
 */
import { maskUri } from '../core/rtmp/url.js';
import { sourceKey, wcsParts, wcsUri } from '../core/source/address.js';
import { errorTable, SluiceError } from '../errors.js';
import type { PullInfo, PullSelector } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import { type Handle, type HttpReply, jsonReply } from './http.js';
import { readPull, readTerminate } from './rest-body.js';

/**
 * For how long a pull that is being dialled is still shown as NEW, so that a client which polls at once sees that state, as
 * it does with WCS: here a spare thread dials within some milliseconds.
 */
const shownNewMs = 250;

/** WCS answers void methods with 200 and no body; its SDK accepts no other status. */
const done: HttpReply = { status: 200 };

interface RestPulls {
  readonly pull: Handle;
  readonly findAll: Handle;
  readonly terminate: Handle;
}

export function createRestPulls(streams: Streams, isDraining: () => boolean): RestPulls {
  return {
    async pull(request, body) {
      if (isDraining()) throw new SluiceError('server.draining');
      const { record = false, hasAudio = true, hasVideo = true, ...names } = readPull(request, body);
      await streams.pull({ ...addressOf(names), record, hasAudio, hasVideo, origin: 'rest' });
      return done;
    },
    // Without pulls an empty array: the WCS reference has only 200 and 500. Newer WCS answers 404; its clients, like the
    // sample of the SDK, handle both.
    findAll: () => jsonReply(streams.list().map((pull) => describe(pull, Date.now()))),
    async terminate(request, body) {
      await streams.terminate(selectorOf(streams.list(), readTerminate(request, body)));
      return done;
    },
  };
}

interface Names {
  readonly uri?: string | undefined;
  readonly uris?: readonly string[] | undefined;
  readonly localStreamName?: string | undefined;
  readonly remoteStreamName?: string | undefined;
  /** Of the place of its source. */
  readonly label?: string | undefined;
}

const isWcs = (uri: string | undefined): uri is string => uri !== undefined && /^wss?:\/\//i.test(uri);

/** Where a pull has no name of its own, the stream keeps the one that it has over there. */
function addressOf({ remoteStreamName, ...names }: Names): Omit<Names, 'remoteStreamName'> {
  const { uri, localStreamName } = names;
  if (!isWcs(uri)) return names;
  const address = remoteStreamName === undefined ? uri : wcsUri(uri, remoteStreamName);
  return { ...names, uri: address, localStreamName: localStreamName ?? wcsParts(address)?.streamName };
}

/** Of a server of WCS alone, without a stream, the one pull that there is of it. Error: request.invalid where there are several. */
function selectorOf(pulls: readonly PullInfo[], names: Names): PullSelector {
  const { uri, localStreamName, remoteStreamName } = names;
  const wcs = pulls.filter((pull) => isNamed(pull, names));
  if (remoteStreamName === undefined && !(isWcs(uri) && wcsParts(uri) === null)) {
    return { uri, localName: localStreamName };
  }
  const [pull, ...others] = wcs;
  if (others.length > 0) {
    throw new SluiceError('request.invalid', 'remoteStreamName: several streams of this server are pulled; say which');
  }
  return { pullId: pull?.pullId ?? '' };
}

function isNamed(pull: PullInfo, { uri, localStreamName, remoteStreamName }: Names): boolean {
  const parts = wcsParts(pull.uri);
  if (parts === null || pull.state === 'STOPPED') return false;
  return (
    (uri === undefined || isSameServer(uri, parts.server)) &&
    (localStreamName === undefined || localStreamName === pull.localName) &&
    (remoteStreamName === undefined || remoteStreamName === parts.streamName)
  );
}

/** As lists show them: a token in an address does not tell two servers apart. */
function isSameServer(uri: string, shown: string): boolean {
  try {
    return sourceKey(wcsUri(maskUri(uri), '')) === sourceKey(wcsUri(shown, ''));
  } catch {
    return false;
  }
}

const describe = (pull: PullInfo, nowMs: number, wcs = wcsParts(pull.uri)) => ({
  localMediaSessionId: pull.pullId,
  remoteMediaSessionId: pull.remoteSessionId,
  localStreamName: pull.localName,
  remoteStreamName: wcs?.streamName ?? null,
  uri: wcs?.server ?? pull.uri,
  status: pull.state === 'PENDING' && nowMs - pull.createdAtMs < shownNewMs ? 'NEW' : pull.state,
  hasAudio: pull.hasAudio,
  hasVideo: pull.hasVideo,
  record: pull.record,
  // An extension: why there is no media. WCS has no field for it.
  // Of a stream that plays, why one of its tracks does not.
  reason: reasonOf(pull),
  ...missingOf(pull),
});

/** An extension: each track that cannot be shown, and why. Absent where there is none. */
function missingOf({ media }: PullInfo) {
  if (media.missing === undefined) return {};
  return {
    missing: media.missing.map(({ track, code, detail }) => ({ track, code, text: errorTable[code].text, detail })),
  };
}

function reasonOf({ reason, detail, media }: PullInfo) {
  if (reason !== null) return { code: reason, text: errorTable[reason].text, detail };
  const [first] = media.missing ?? [];
  return first === undefined ? null : { code: first.code, text: errorTable[first.code].text, detail: first.detail };
}
