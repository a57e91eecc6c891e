/** The request of a pull: its uris and its name, checked. */
import { createHmac, randomBytes } from 'node:crypto';
import { WireError } from '../core/bytes/wire-error.js';
import { maskUri } from '../core/rtmp/url.js';
import { parseSourceUri, sourceKey } from '../core/source/address.js';
import { isSourceAddress } from '../core/source/schemes.js';
import { listUris } from '../core/source/uri-list.js';
import { SluiceError } from '../errors.js';
import type { PullRequest } from './pull-info.js';

const maxNameBytes = 512;
const maxUris = 8;

/** True for an address that viewers may have pulled. */
export const isPulledOnDemand = (name: string): boolean => /^rtmps?:\/\//i.test(name);

/** Of this process alone. A key made of an address, which may hold a token, tells nothing of it. */
const secret = randomBytes(32);

/** The same for two spellings of one address. Undefined for anything but the uri of a source. */
export function uriKeyOf(uri: string): string | undefined {
  try {
    return createHmac('sha256', secret).update(sourceKey(uri)).digest('base64');
  } catch {
    return undefined;
  }
}

/** The same for one name or address of a viewer's, also when that holds secrets. */
export const nameKeyOf = (name: string): string =>
  (isSourceAddress(name) ? uriKeyOf(name) : undefined) ?? createHmac('sha256', secret).update(name).digest('base64');

/** The checked parts of a request; the first uri identifies the pull. Error: request.invalid, naming the field. */
export function readRequest(request: PullRequest): {
  readonly uriKey: string;
  /** What it is shown as: its given name, or its first uri without secrets. */
  readonly localName: string;
  /** Null: it goes by its uri alone. */
  readonly givenName: string | null;
  readonly uri: string;
  readonly standbyUris: readonly string[];
} {
  const { localStreamName, hasAudio, hasVideo } = request;
  if (!hasAudio && !hasVideo) throw new SluiceError('request.invalid', 'hasVideo: neither audio nor video is wanted');
  const [uri, ...standbyUris] = listUris(request);
  if (uri === undefined) throw new SluiceError('request.invalid', 'uri: it is missing');
  if (standbyUris.length >= maxUris) throw new SluiceError('request.invalid', `uris: more than ${maxUris}`);
  if (localStreamName !== undefined) checkName(localStreamName);
  checkUri(uri, 'uri');
  for (const standby of standbyUris) checkUri(standby, 'uris');
  const key = uriKeyOf(uri);
  if (key === undefined) throw new SluiceError('request.invalid', 'uri: it cannot be read');
  const givenName = localStreamName ?? null;
  return { uriKey: key, localName: givenName ?? maskUri(uri), givenName, uri, standbyUris };
}

function checkUri(uri: string, field: string): void {
  try {
    parseSourceUri(uri);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new SluiceError('request.invalid', `${field}: ${error.detail}`);
  }
}

/** Error: request.invalid. */
export function checkName(name: string): void {
  if (name === '') throw new SluiceError('request.invalid', 'localStreamName: it is empty');
  if (/\p{Surrogate}/u.test(name)) throw new SluiceError('request.invalid', 'localStreamName: it is not valid Unicode');
  if (Buffer.byteLength(name) > maxNameBytes) {
    throw new SluiceError('request.invalid', `localStreamName: it is longer than ${maxNameBytes} bytes`);
  }
}
