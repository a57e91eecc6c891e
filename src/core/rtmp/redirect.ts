/**
 * Where a server sends a player: `NetConnection.Connect.Rejected` with 302 (Adobe, Wowza, SRS), and
 * `NetConnection.Connect.ReconnectRequest` (Enhanced RTMP v2, Reconnect Request).
 */
import { type AmfObject, type AmfValue, isAmfObject } from '../amf/amf-value.js';
import { parseRtmpUrl, parseTcUrl, type RtmpUrl } from './url.js';

/** The target of a refusal with 302; null when the refusal is none. Error: WireError when the target is no RTMP address. */
export function readRedirect(args: readonly AmfValue[], from: RtmpUrl): RtmpUrl | null {
  for (const arg of args) {
    const ex = isAmfObject(arg) ? arg.ex : undefined;
    if (!isAmfObject(ex) || Number(ex.code) !== 302) continue;
    // SRS names the whole address in redirect2; the others give a tcUrl, to which the stream still belongs.
    if (typeof ex.redirect2 === 'string') return withCredentials(parseRtmpUrl(ex.redirect2), from);
    if (typeof ex.redirect === 'string') return follow(ex.redirect, from);
  }
  return null;
}

/** The target of a reconnect request: the same address when it names none. Error: WireError. */
export function readReconnect(args: readonly AmfValue[], from: RtmpUrl): RtmpUrl {
  const info = args.find((arg): arg is AmfObject => isAmfObject(arg) && typeof arg.tcUrl === 'string');
  return typeof info?.tcUrl === 'string' ? follow(resolve(info.tcUrl, from.tcUrl), from) : from;
}

function follow(target: string, from: RtmpUrl): RtmpUrl {
  const suffix = `/${from.stream}`;
  const tcUrl = from.stream !== '' && target.endsWith(suffix) ? target.slice(0, -suffix.length) : target;
  return withCredentials(parseTcUrl(tcUrl.replace(/\/+$/, ''), from.stream), from);
}

/** A password goes to the host that it was given for, and to no other. */
function withCredentials(to: RtmpUrl, from: RtmpUrl): RtmpUrl {
  const keeps = to.user === null && to.host === from.host && to.scheme === from.scheme;
  return keeps ? { ...to, user: from.user, password: from.password } : to;
}

/** A relative tcUrl against ours (RFC 3986 5.2, without dot segments). */
function resolve(reference: string, base: string): string {
  if (reference === '') return base;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) return reference;
  const [, scheme = '', authority = ''] = /^([^:]+:)(\/\/[^/]*)/.exec(base) ?? [];
  if (reference.startsWith('//')) return `${scheme}${reference}`;
  if (reference.startsWith('/')) return `${scheme}${authority}${reference}`;
  return `${base.replace(/\?.*$/s, '').replace(/[^/]*$/, '')}${reference}`;
}
