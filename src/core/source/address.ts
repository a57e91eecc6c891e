/**
 * The address of a source, of whatever protocol: rtmp:// and rtmps://; a WHEP endpoint, by http:// and https://, or written
 * whep:// and wheps:// as other servers do; and the signalling of WCS, by ws:// and wss://, where the stream's name stands in the
 * fragment: `wss://host:8443#camera1`.
 */
import { WireError } from '../bytes/wire-error.js';
import { parseRtmpUrl, type RtmpUrl, uriKey } from '../rtmp/url.js';
import { isRtmp, sourceSchemes } from './schemes.js';

/** Where HTTP is spoken to: an endpoint of WHEP, or a WebSocket. */
export interface WebTarget {
  readonly isTls: boolean;
  /** Lower case; an IPv6 address without its brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** With its query. */
  readonly path: string;
  /** For the header Authorization; null: none. */
  readonly authorization: string | null;
}

export type SourceAddress =
  | { readonly kind: 'rtmp'; readonly url: RtmpUrl }
  | { readonly kind: 'whep'; readonly target: WebTarget }
  | { readonly kind: 'wcs'; readonly target: WebTarget; readonly streamName: string };

const maxUriBytes = 2048;
const maxNameBytes = 512;
const schemes: ReadonlyMap<string, { readonly kind: 'whep' | 'wcs'; readonly isTls: boolean }> = new Map([
  ['http:', { kind: 'whep', isTls: false }],
  ['https:', { kind: 'whep', isTls: true }],
  ['whep:', { kind: 'whep', isTls: false }],
  ['wheps:', { kind: 'whep', isTls: true }],
  ['ws:', { kind: 'wcs', isTls: false }],
  ['wss:', { kind: 'wcs', isTls: true }],
]);

/** Errors: WireError, whose words say what is wrong and never quote the address. */
export function parseSourceUri(uri: string): SourceAddress {
  if (isRtmp(uri)) return { kind: 'rtmp', url: parseRtmpUrl(uri) };
  const { kind, url, target } = parseWeb(uri);
  if (kind === 'wcs') return { kind, target, streamName: readName(url.hash) };
  if (target.path === '/') throw invalid('it names no stream');
  return { kind, target };
}

/** Two addresses with the same key are the same source (core/rtmp/url.ts, `uriKey`). The key holds credentials. Error: WireError. */
export function sourceKey(uri: string): string {
  if (isRtmp(uri)) return uriKey(uri);
  const { kind, url, target } = parseWeb(uri);
  const { isTls, host, port, path } = target;
  return `${kind}${isTls ? 's' : ''}://${url.username}:${url.password}@[${host}]:${port}${path}${url.hash}`;
}

/** The address of a stream of this name at a server of WCS; `server`: ws:// or wss://. A name that it has already is replaced. */
export const wcsUri = (server: string, streamName: string): string =>
  `${server.replace(/#.*$/s, '')}#${encodeURIComponent(streamName)}`;

/** The parts of such an address; null for one of another kind. Both may be shown as they are, if `uri` may. */
export function wcsParts(uri: string): { readonly server: string; readonly streamName: string } | null {
  const [, server, fragment] = /^(wss?:\/\/[^#]*)#(.*)$/is.exec(uri) ?? [];
  return server === undefined || fragment === undefined ? null : { server, streamName: decode(fragment) };
}

function parseWeb(uri: string): { kind: 'whep' | 'wcs'; url: URL; target: WebTarget } {
  if (uri.length > maxUriBytes || Buffer.byteLength(uri) > maxUriBytes) {
    throw invalid(`it is longer than ${maxUriBytes} bytes`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\s\x00-\x20\x7f]/.test(uri)) throw invalid('it holds white space or control characters');
  const scheme = schemes.get(/^[a-z]+:(?=\/\/)/i.exec(uri)?.[0].toLowerCase() ?? '');
  if (scheme === undefined) throw invalid(`it does not begin with ${sourceSchemes}`);
  const { kind, isTls } = scheme;
  // Only of schemes that it knows it reads host and port (WHATWG URL, special schemes).
  const url = readUrl(uri.replace(/^[a-z]+/i, isTls ? 'https' : 'http'));
  if (kind === 'wcs' && url.username !== '') throw invalid('signalling takes no credentials in its address');
  const target = {
    isTls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    authorization: authorizationOf(url),
  };
  if (target.port === 0) throw invalid('the port is not a number from 1 to 65535');
  return { kind, url, target };
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw invalid('its host or port cannot be read');
  return new URL(text);
}

/** `user:password@` is for Basic (RFC 7617), a word alone is a token, as WHEP has it (Bearer, RFC 6750). */
function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  if (password === '') return `Bearer ${decode(username)}`;
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')}`;
}

function readName(hash: string): string {
  const name = decode(hash.slice(1));
  if (name === '') throw invalid('it names no stream: remoteStreamName, or #name behind it');
  if (Buffer.byteLength(name) > maxNameBytes) throw invalid(`the stream's name is longer than ${maxNameBytes} bytes`);
  return name;
}

/** What is not proper percent-encoding stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(what: string): WireError {
  return new WireError('source.address', what);
}
