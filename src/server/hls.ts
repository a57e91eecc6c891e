/**
 * Low-latency HLS (RFC 8216bis) at /hls/{name}/index.m3u8, from the fragments that players by WebSocket get, in memory, while
 * somebody asks for it. Names of files hold a number of their own for each time that a stream is opened, so that caches never
 * give what an earlier one was.
 */
import { eventLengthMs, renderEvent } from '../core/hls/event-playlist.js';
import { holds, nextPart, renderPlaylist } from '../core/hls/playlist.js';
import type { HlsPart, HlsWindowLimits } from '../core/hls/window.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { fileReply } from './file-reply.js';
import type { FragmentStreams } from './fragment-streams.js';
import { createHlsChannel, type HlsChannel, whenThere } from './hls-channel.js';
import { type Handle, type HttpReply, type HttpRequest, jsonReply } from './http.js';
import type { PlaybackGate } from './playback-gate.js';
import { playbackRequest, tokenInQuery } from './playback-request.js';

interface HlsOptions {
  readonly live: Pick<FragmentStreams, 'open'>;
  readonly streams: Pick<Streams, 'recordedSoFar'>;
  readonly gate: Pick<PlaybackGate, 'visit' | 'needsToken'>;
  readonly limits: HlsWindowLimits;
  /** How long a stream is kept after the last request. */
  readonly lingerMs: number;
  /** Why nobody is let in now; null: they are. */
  readonly refusal: () => ErrorCode | null;
}

export interface Hls {
  readonly handle: Handle;
  close(): void;
}

const playlistName = 'index.m3u8';
/** How far back the stream may be watched, and by which list: what a player's slider needs. */
const timeShiftName = 'time-shift.json';
const playlistType = 'application/vnd.apple.mpegurl';
const recordedFile = /^recorded-[0-9a-f-]{36}\.mp4$/;
/** What does not change: an hour, as long as anybody may want it. */
const keptS = 3600;
const filePath = /^\/hls\/([^/]+)\/([^/]+)$/;
/** WCS: /NAME/NAME.m3u8. */
const wcsPath = /^\/([^/]+)\/\1\.m3u8$/;

export const isWcsPlaylist = ({ path }: HttpRequest): boolean => wcsPath.test(path);

export function createHls({ live, streams, gate, limits, lingerMs, refusal }: HlsOptions): Hls {
  const channels = new Map<string, HlsChannel>();
  const opening = new Map<string, Promise<HlsChannel>>();

  const open = async (name: string, clientIp: string): Promise<HlsChannel> => {
    const stream = await live.open({ name, clientIp });
    channels.get(name)?.end();
    const channel = createHlsChannel(stream, limits, lingerMs, () => {
      if (channels.get(name) === channel) channels.delete(name);
    });
    channels.set(name, channel);
    return channel;
  };
  const opened = (name: string, clientIp: string): Promise<HlsChannel> => {
    const under = opening.get(name) ?? open(name, clientIp).finally(() => opening.delete(name));
    opening.set(name, under);
    return under;
  };
  /** One that ended is kept for those who play its end; for who asks for its list it may be there again under its name. */
  const channelOf = async (name: string, clientIp: string, isList: boolean): Promise<HlsChannel> => {
    const known = channels.get(name);
    const isEnough = known !== undefined && !(isList && known.isOver());
    const channel = isEnough
      ? known
      : await opened(name, clientIp).catch((error: unknown) => {
          if (known === undefined) throw error;
          return known;
        });
    channel.touch();
    return channel;
  };

  const replyTo = async (request: HttpRequest, name: string, file: string, isWcs: boolean): Promise<HttpReply> => {
    if (request.query.has('from') || recordedFile.test(file)) return recorded(streams, request, name, file);
    const recording = file === timeShiftName ? streams.recordedSoFar(name) : null;
    if (recording !== null) return timeShift(`${playlistName}?from=0`, eventLengthMs(recording));
    const isList = isWcs || file === playlistName || file === timeShiftName;
    const channel = await channelOf(name, request.client.ip, isList);
    if (file === timeShiftName) return timeShift(playlistName, channel.window.lengthMs, channel.window.depthMs);
    if (isWcs) return playlist(channel, request, `/hls/${encodeURIComponent(name)}/`);
    return file === playlistName ? playlist(channel, request, '') : media(channel, file);
  };

  return {
    async handle(request) {
      const [, wcsName] = wcsPath.exec(request.path) ?? [];
      const [, ownName, file = playlistName] = filePath.exec(request.path) ?? [];
      const name = decode(wcsName ?? ownName);
      const why = refusal();
      if (why !== null) throw new SluiceError(why);
      await gate.visit(playbackRequest(request, 'hls', name));
      return shared(await replyTo(request, name, file, wcsName !== undefined), gate.needsToken);
    },
    close() {
      for (const channel of [...channels.values()]) channel.end();
      for (const under of opening.values()) {
        under.then(
          ({ end }) => end(),
          () => {},
        );
      }
    },
  };
}

const timeShift = (list: string, lengthMs: number, depthMs = lengthMs): HttpReply =>
  jsonReply({ list, lengthMs: Math.round(lengthMs), depthMs: Math.round(depthMs) });
/** What is for the holders of tokens must not be given to others by a cache on the way. */
function shared(reply: HttpReply, needsToken: boolean): HttpReply {
  const { headers = {} } = reply;
  const control = headers['Cache-Control'];
  if (!needsToken || control === undefined) return reply;
  return { ...reply, headers: { ...headers, 'Cache-Control': control.replace('public', 'private') } };
}

/** The recording of the stream that runs: its list, or a range of its file. Error: recording.notFound. */
function recorded(
  streams: Pick<Streams, 'recordedSoFar'>,
  request: HttpRequest,
  name: string,
  file: string,
): HttpReply | Promise<HttpReply> {
  const found = streams.recordedSoFar(name);
  if (found === null) throw new SluiceError('recording.notFound');
  const uri = `recorded-${found.part.partId}.mp4`;
  if (file === uri) return fileReply(request, found.path, 'video/mp4', null);
  if (file !== playlistName) throw new SluiceError('recording.notFound');
  const body = renderEvent(found, `${uri}${tokenInQuery(request)}`, numberOf(request.query, 'from') ?? 0);
  return { status: 200, headers: { 'Content-Type': playlistType, 'Cache-Control': 'public, max-age=1' }, body };
}

function decode(name: string | undefined): string {
  try {
    if (name !== undefined) return decodeURIComponent(name);
  } catch {
    // As any other path that there is not.
  }
  throw new SluiceError('route.notFound');
}

async function playlist(channel: HlsChannel, request: HttpRequest, base: string): Promise<HttpReply> {
  const { query } = request;
  const { window, epoch } = channel;
  // A player asks for each file of the list by itself, and has no other place for its token.
  const token = tokenInQuery(request);
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
  const names = {
    init: (n: number) => `${base}${epoch}-init-${n}.mp4${token}`,
    segment: (n: number) => `${base}${epoch}-${n}.m4s${token}`,
    part: (n: number, of: number) => `${base}${epoch}-${n}.${of}.m4s${token}`,
  };
  // RFC 8216bis B.1: an answer to a blocking request is the same for all who ask for it.
  const maxAgeS = msn === null ? 1 : window.targetS * 6;
  return {
    status: 200,
    headers: { 'Content-Type': playlistType, 'Cache-Control': `public, max-age=${maxAgeS}` },
    body: renderPlaylist(window, names, channel.isOver()),
  };
}

function numberOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw new SluiceError('request.invalid', `${name}: it is no number`);
  return Number(text);
}

/** A segment, a part (the next one is waited for), or an init segment. */
async function media(channel: HlsChannel, file: string): Promise<HttpReply> {
  const { window, epoch } = channel;
  const [, prefix, init, msn, part] =
    /^([0-9a-f]+)-(?:init-(\d{1,9})\.mp4|(\d{1,9})(?:\.(\d{1,9}))?\.m4s)$/.exec(file) ?? [];
  if (prefix !== epoch) throw new SluiceError('route.notFound');
  if (init !== undefined) {
    const found = window.initOf(Number(init));
    if (found === null) throw new SluiceError('route.notFound');
    return mediaReply([found.data]);
  }
  const [nextMsn, next] = nextPart(window);
  const isNext = part !== undefined && Number(msn) === nextMsn && Number(part) === next;
  const find = (): readonly HlsPart[] | undefined => {
    const segment = window.segments.find((one) => one.msn === Number(msn));
    if (part === undefined) return segment?.isWhole ? segment.parts : undefined;
    const found = segment?.parts[Number(part)];
    return found === undefined ? undefined : [found];
  };
  const parts = isNext ? await whenThere(channel, find) : find();
  if (parts === undefined) throw new SluiceError('route.notFound');
  return mediaReply(parts.flatMap(({ fragments }) => fragments));
}

const mediaReply = (pieces: readonly Uint8Array[]): HttpReply => ({
  status: 200,
  headers: { 'Content-Type': 'video/mp4', 'Cache-Control': `public, max-age=${keptS}, immutable` },
  body: Buffer.concat(pieces),
});
