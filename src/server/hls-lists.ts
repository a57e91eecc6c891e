/** The lists of a stream by HLS: the multivariant one, that of its media, that of its captions, and that of its recording. */
import { renderCaptionList } from '../core/hls/captions.js';
import { type RecordedSoFar, renderEvent } from '../core/hls/event-playlist.js';
import { renderMultivariant } from '../core/hls/multivariant.js';
import { holds, nextPart, renderPlaylist } from '../core/hls/playlist.js';
import { SluiceError } from '../errors.js';
import { type HlsChannel, whenThere } from './hls-channel.js';
import type { HttpReply, HttpRequest, ReplyStream } from './http.js';
import { tokenInQuery } from './playback-request.js';

export const listNames = { multivariant: 'index.m3u8', media: 'media.m3u8', captions: 'captions.m3u8' } as const;

const playlistType = 'application/vnd.apple.mpegurl';

const listReply = (body: string, control: string): HttpReply => ({
  status: 200,
  headers: { 'Content-Type': playlistType, 'Cache-Control': control },
  body,
});

/** `base`: where its lists are. `session`: of who asks. */
export async function multivariantList(
  channel: HlsChannel,
  request: HttpRequest,
  base: string,
  session: string,
): Promise<HttpReply> {
  const { window } = channel;
  const init = await whenThere(channel, () => window.init ?? undefined);
  if (init === undefined) throw new SluiceError('stream.notLive', 'no media came in time');
  const query = new URLSearchParams({ session });
  const token = request.query.get('token') ?? '';
  if (token !== '') query.set('token', token);
  const uris = { media: `${base}${listNames.media}?${query}`, captions: `${base}${listNames.captions}?${query}` };
  return listReply(renderMultivariant(window, uris), 'no-store');
}

export async function mediaList(channel: HlsChannel, request: HttpRequest): Promise<HttpReply> {
  const { window, epoch } = channel;
  await wholeOrAsked(channel, request);
  // A player asks for each file of the list by itself, and has no other place for its token.
  const token = tokenInQuery(request);
  const names = {
    init: (n: number) => `${epoch}-init-${n}.mp4${token}`,
    segment: (n: number) => `${epoch}-${n}.m4s${token}`,
    part: (n: number, of: number) => `${epoch}-${n}.${of}.m4s${token}`,
  };
  return listReply(renderPlaylist(window, names, channel.isOver()), keptFor(channel, request));
}

export async function captionList(channel: HlsChannel, request: HttpRequest): Promise<HttpReply> {
  const { window, epoch } = channel;
  await wholeOrAsked(channel, request);
  const token = tokenInQuery(request);
  const list = renderCaptionList(window, (msn) => `${epoch}-${msn}.vtt${token}`, channel.isOver());
  return listReply(list, keptFor(channel, request));
}

/** The recording that runs. */
export function recordedList(request: HttpRequest, found: RecordedSoFar, uri: string): HttpReply {
  const fromS = numberOf(request.query, 'from') ?? 0;
  const { head, segments } = renderEvent(found, `${uri}${tokenInQuery(request)}`, fromS);
  const { status, headers } = listReply('', 'public, max-age=1');
  return { status, ...(headers === undefined ? {} : { headers }), stream: streamOf([head, segments]) };
}

/** It may be some MB, of which nothing is copied for one player. */
const streamOf = (parts: readonly Uint8Array[]): ReplyStream => ({
  sizeBytes: parts.reduce((total, { length }) => total + length, 0),
  async read(offset, maxBytes) {
    let from = offset;
    for (const part of parts) {
      if (from < part.length) return part.subarray(from, from + maxBytes);
      from -= part.length;
    }
    return new Uint8Array(0);
  },
  close: () => {},
});

/** Errors: request.invalid; stream.notLive: nothing came in time. */
async function wholeOrAsked(channel: HlsChannel, { query }: HttpRequest): Promise<void> {
  const { window } = channel;
  const msn = numberOf(query, '_HLS_msn');
  const part = numberOf(query, '_HLS_part');
  if (part !== null && msn === null) throw new SluiceError('request.invalid', '_HLS_part: _HLS_msn is missing');
  const [nextMsn] = nextPart(window);
  if (msn !== null && msn > nextMsn + 1) throw new SluiceError('request.invalid', `_HLS_msn: the next is ${nextMsn}`);
  const isThere = (): true | undefined => {
    // Players take a list without a whole segment for an empty one.
    const has = msn === null ? window.segments.some(({ isWhole }) => isWhole) : holds(window, msn, part);
    return has ? true : undefined;
  };
  const found = await whenThere(channel, isThere);
  const hasPart = window.segments.some(({ parts }) => parts.length > 0);
  if (found === undefined && !hasPart && !channel.isOver())
    throw new SluiceError('stream.notLive', 'no part came in time');
}

/** RFC 8216bis B.1: an answer to a blocking request is the same for all who ask for it. */
const keptFor = ({ window }: HlsChannel, { query }: HttpRequest): string =>
  `public, max-age=${query.has('_HLS_msn') ? window.targetS * 6 : 1}`;

function numberOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw new SluiceError('request.invalid', `${name}: it is no number`);
  return Number(text);
}
