/** The request of a pull: its uris and its name, checked. */
import { WireError } from '../core/bytes/wire-error.js';
import { listUris } from '../core/rtmp/uri-list.js';
import { maskUri, parseRtmpUrl, uriKey } from '../core/rtmp/url.js';
import { SluiceError } from '../errors.js';
import type { PullRequest } from './streams.js';

const maxNameBytes = 512;
const maxUris = 8;

/** True for the uri of a source; anything else is a local name. */
export const isSourceUri = (name: string): boolean => /^rtmps?:\/\//i.test(name);

/** Undefined for anything but the uri of a source. */
export function uriKeyOf(uri: string): string | undefined {
  try {
    return uriKey(uri);
  } catch {
    return undefined;
  }
}

/** The checked parts of a request; the first uri identifies the pull. Error: request.invalid, naming the field. */
export function readRequest(request: PullRequest): {
  readonly uriKey: string;
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
  return { uriKey: uriKey(uri), localName, uri, standbyUris };
}

function checkUri(uri: string, field: string): void {
  try {
    parseRtmpUrl(uri);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new SluiceError('request.invalid', `${field}: ${error.detail}`);
  }
}

function checkName(name: string): void {
  if (name === '') throw new SluiceError('request.invalid', 'localStreamName: it is empty');
  if (/\p{Surrogate}/u.test(name)) throw new SluiceError('request.invalid', 'localStreamName: it is not valid Unicode');
  if (Buffer.byteLength(name) > maxNameBytes) {
    throw new SluiceError('request.invalid', `localStreamName: it is longer than ${maxNameBytes} bytes`);
  }
}
