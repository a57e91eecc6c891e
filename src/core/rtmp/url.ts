/**
 * The address of an RTMP source, and what of it a player sends: app and tcUrl in `connect`, the stream name in `play`
 * (RTMP 1.0 sections 7.2.1.1 and 7.2.2.1). Not supported: rtmpt, rtmpe and their kin, IPv6 zone ids.
 *
 * No standard says where the application ends. The stream is the last segment and all before it the application, as
 * librtmp, OBS and SRS take it, so that nested applications work; ffmpeg agrees for up to three segments, and servers
 * that join both again (mediamtx, Node-Media-Server) see the same either way. A segment with a type prefix (`mp4:`,
 * `smil:`) begins the stream, as for Wowza and Adobe. A query belongs to what it follows, slashes in it included, so
 * that tokens stay whole; only after a single segment a slash in the query ends the application (`app?token=x/stream`).
 */
import { WireError } from '../bytes/wire-error.js';

const maxUriBytes = 2048;
const defaultPorts = { rtmp: 1935, rtmps: 443 } as const;

export interface RtmpUrl {
  readonly scheme: 'rtmp' | 'rtmps';
  /** Lower case; an IPv6 address without its brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly app: string;
  /** The play path with its query, byte by byte; empty when the address names an application only. */
  readonly stream: string;
  /** Never holds credentials. */
  readonly tcUrl: string;
  /** Percent-decoded; null when absent. */
  readonly user: string | null;
  readonly password: string | null;
}

/** Errors: WireError `rtmp.url`, whose words say what is wrong and never quote the address. */
export function parseRtmpUrl(uri: string): RtmpUrl {
  const parts = split(uri);
  return toUrl(parts, splitPath(parts.path));
}

/** The address of a stream below a tcUrl, all of whose path is the application. Error: WireError, as above. */
export function parseTcUrl(tcUrl: string, stream: string): RtmpUrl {
  const parts = split(tcUrl);
  return toUrl(parts, { app: parts.path, stream });
}

function toUrl({ scheme, userinfo, host, port }: Parts, { app, stream }: { app: string; stream: string }): RtmpUrl {
  if (app === '') throw invalid('it names no application');
  const colon = userinfo?.indexOf(':') ?? -1;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const shownPort = port === defaultPorts[scheme] ? '' : `:${port}`;
  return {
    scheme,
    host,
    port,
    app,
    stream,
    tcUrl: `${scheme}://${shownHost}${shownPort}/${app}`,
    user: userinfo === null ? null : decode(colon < 0 ? userinfo : userinfo.slice(0, colon)),
    password: userinfo === null || colon < 0 ? null : decode(userinfo.slice(colon + 1)),
  };
}

/**
 * Two addresses with the same key are the same source: scheme and host count in lower case, the port with its default
 * filled in, the rest byte by byte. The key holds the credentials of the address. Error: WireError.
 */
export function uriKey(uri: string): string {
  const { scheme, rawUserinfo, host, port, path } = split(uri);
  return `${scheme}://${rawUserinfo}[${host}]:${port}/${path}`;
}

/**
 * The address as it may be shown: `***` for its credentials, and for all behind the first `?`, `#` or `;` of its path, which
 * often is a token. Of what cannot be parsed all before the last `@` counts as credentials.
 */
export function maskUri(uri: string): string {
  const start = /^[a-z][a-z0-9+.-]*:\/\//i.exec(uri)?.[0] ?? '';
  const rest = uri.slice(start.length);
  const slash = rest.indexOf('/');
  const end = slash >= 0 && isParsable(uri) ? slash : rest.length;
  const at = rest.lastIndexOf('@', end - 1);
  const shown = at < 0 ? rest : `***${rest.slice(at)}`;
  // A local name is no address, and holds no token; nor does the name of a stream of WCS (core/source/address.ts).
  const secret = /^wss?:/i.test(start) ? /([?;])[^#]*/s : /([?#;]).*$/s;
  return start === '' ? shown : `${start}${shown.replace(secret, '$1***')}`;
}

interface Parts {
  readonly scheme: 'rtmp' | 'rtmps';
  /** Null when there is none, or an empty one. */
  readonly userinfo: string | null;
  /** With its `@`, as written. */
  readonly rawUserinfo: string;
  readonly host: string;
  readonly port: number;
  /** All behind the first slash after the authority. */
  readonly path: string;
}

function split(uri: string): Parts {
  // A UTF-16 unit is at least one byte of UTF-8: so nothing long is ever encoded.
  if (uri.length > maxUriBytes || Buffer.byteLength(uri) > maxUriBytes) {
    throw invalid(`it is longer than ${maxUriBytes} bytes`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\s\x00-\x20\x7f]/.test(uri)) throw invalid('it holds white space or control characters');
  const start = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri);
  if (start === null) throw invalid('it does not begin with rtmp:// or rtmps://');
  const scheme = start[1]?.toLowerCase();
  if (scheme !== 'rtmp' && scheme !== 'rtmps') throw invalid('only rtmp:// and rtmps:// are supported');
  const rest = uri.slice(start[0].length);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const { host, port } = splitHost(authority.slice(at + 1));
  if (slash < 0) throw invalid('it names no application');
  return {
    scheme,
    host: host.toLowerCase(),
    path: rest.slice(slash + 1),
    port: port === '' ? defaultPorts[scheme] : parsePort(port),
    userinfo: at > 0 ? authority.slice(0, at) : null,
    rawUserinfo: authority.slice(0, at + 1),
  };
}

function splitHost(text: string): { host: string; port: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const host = bracketed[1] ?? '';
    if (!/^[0-9a-f:.]+$/i.test(host) || !URL.canParse(`http://[${host}]/`)) {
      throw invalid('the address in brackets is not an IPv6 address');
    }
    return { host, port: bracketed[2] ?? '' };
  }
  const colon = text.indexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? '' : text.slice(colon + 1);
  if (host === '') throw invalid('it names no host');
  if (port.includes(':')) throw invalid('the host has more than one colon; an IPv6 address is written in brackets');
  if (host.length > 253 || !/^[\p{L}\p{M}\p{N}._-]+$/u.test(host))
    throw invalid('the host is not a name or an address');
  return { host, port };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid('the port is not a number from 1 to 65535');
  return port;
}

function splitPath(path: string): { app: string; stream: string } {
  const query = path.indexOf('?');
  const names = query < 0 ? path : path.slice(0, query);
  const typed = /\/[a-z][a-z0-9_+.-]*:/i.exec(names)?.index;
  const cut = typed ?? (names.includes('/') ? names.lastIndexOf('/') : path.lastIndexOf('/'));
  return cut < 0 ? { app: path, stream: '' } : { app: path.slice(0, cut), stream: path.slice(cut + 1) };
}

/** What is not proper percent-encoding stands for itself: a password may hold a bare `%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isParsable(uri: string): boolean {
  try {
    split(uri);
    return true;
  } catch {
    return false;
  }
}

function invalid(what: string): WireError {
  return new WireError('rtmp.url', what);
}
