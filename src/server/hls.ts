/**
 * Low-latency HLS (RFC 8216bis) at /hls/{name}/index.m3u8, from the fragments that players by WebSocket get, in memory, while
 * somebody asks for it. Names of files hold a number of their own for each time that a stream is opened, so that caches never
 * give what an earlier one was.
 */
import { eventLengthMs, eventTargetS } from '../core/hls/event-playlist.js';
import type { HlsWindowLimits } from '../core/hls/window.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { eventStream } from './event-stream.js';
import { fileReply } from './file-reply.js';
import type { FragmentStreams } from './fragment-streams.js';
import { createHlsChannel, type HlsChannel } from './hls-channel.js';
import { hlsFile } from './hls-files.js';
import { captionList, listNames, mediaList, multivariantList, recordedList } from './hls-lists.js';
import { type Answered, createHlsSessions, type HlsSessions, sessionOf } from './hls-sessions.js';
import { type Handle, type HttpReply, type HttpRequest, jsonReply } from './http.js';
import type { PlaybackGate } from './playback-gate.js';
import { playbackRequest } from './playback-request.js';
import { wordsOfNews } from './source-news.js';
import { streamKey } from './stream-key.js';

interface HlsOptions {
  readonly live: Pick<FragmentStreams, 'open'>;
  readonly streams: Pick<Streams, 'find' | 'recordedSoFar' | 'viewFragments' | 'leave'>;
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

/** How far back the stream may be watched, and by which list: what a player's slider needs. */
const timeShiftName = 'time-shift.json';
/** For players, which cannot be told beside the media as by WebRTC and WebSocket. */
const eventsName = 'events';
const lists: ReadonlySet<string> = new Set([...Object.values(listNames), timeShiftName]);
const recordedFile = /^recorded-[0-9a-f-]{36}\.mp4$/;
const filePath = /^\/hls\/([^/]+)\/([^/]+)$/;
/** WCS: /NAME/NAME.m3u8. */
const wcsPath = /^\/([^/]+)\/\1\.m3u8$/;

export const isWcsPlaylist = ({ path }: HttpRequest): boolean => wcsPath.test(path);

interface Asked {
  readonly request: HttpRequest;
  /** Of the stream. */
  readonly name: string;
  readonly file: string;
  /** The lists that the multivariant one names. */
  readonly base: string;
}

export function createHls({ live, streams, gate, limits, lingerMs, refusal }: HlsOptions): Hls {
  const channels = new Map<string, HlsChannel>();
  const opening = new Map<string, Promise<HlsChannel>>();
  const sessions = createHlsSessions(streams);

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
    const key = streamKey(streams, name);
    const under = opening.get(key) ?? open(name, clientIp).finally(() => opening.delete(key));
    opening.set(key, under);
    return under;
  };
  /** Also where it was opened by another name of its stream. */
  const knownAs = (name: string): HlsChannel | undefined => {
    const byName = channels.get(name);
    if (byName !== undefined) return byName;
    const pullId = streams.find(name)?.pullId;
    return pullId === undefined ? undefined : [...channels.values()].find((channel) => channel.pullId === pullId);
  };
  /** One that ended is kept for those who play its end; for who asks for its list it may be there again under its name. */
  const channelOf = async (name: string, clientIp: string, isList: boolean): Promise<HlsChannel> => {
    const known = knownAs(name);
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

  const replyTo = async (asked: Asked): Promise<HttpReply> => {
    const { request, name, file } = asked;
    if (request.query.has('from') || recordedFile.test(file)) return recorded(streams, sessions, asked);
    const recording = file === timeShiftName ? streams.recordedSoFar(name) : null;
    if (recording !== null) return timeShift(`${listNames.multivariant}?from=0`, eventLengthMs(recording));
    const channel = await channelOf(name, request.client.ip, lists.has(file));
    if (file === timeShiftName)
      return timeShift(listNames.multivariant, channel.window.lengthMs, channel.window.depthMs);
    if (file === eventsName) return eventStream((send) => channel.listen((news) => send(...wordsOfNews(news))));
    return channelReply(channel, sessions, asked);
  };

  return {
    async handle(request) {
      const [, wcsName] = wcsPath.exec(request.path) ?? [];
      const [, ownName, file = listNames.multivariant] = filePath.exec(request.path) ?? [];
      const name = decode(wcsName ?? ownName);
      const why = refusal();
      if (why !== null) throw new SluiceError(why);
      await gate.visit(playbackRequest(request, 'hls', name));
      const base = wcsName === undefined ? '' : `/hls/${encodeURIComponent(name)}/`;
      return shared(await replyTo({ request, name, file, base }), gate.needsToken);
    },
    close() {
      sessions.close();
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

async function channelReply(channel: HlsChannel, sessions: HlsSessions, asked: Asked): Promise<HttpReply> {
  const { request, name, file, base } = asked;
  if (file === listNames.multivariant) {
    return multivariantList(channel, request, base, sessionOf(request));
  }
  if (!lists.has(file)) {
    const reply = await hlsFile(channel, file);
    sessions.sent(request, channel.pullId, reply.body?.length ?? 0);
    return reply;
  }
  const { pullId, isOver, window } = channel;
  const answered = await sessions.asks(request, { pullId, name, isOver, targetS: window.targetS });
  return answer(answered, (file === listNames.captions ? captionList : mediaList)(channel, request));
}

async function answer(answered: Answered, replying: HttpReply | Promise<HttpReply>): Promise<HttpReply> {
  let sentBytes = 0;
  try {
    const reply = await replying;
    sentBytes = reply.stream?.sizeBytes ?? reply.body?.length ?? 0;
    return reply;
  } finally {
    answered(sentBytes);
  }
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
async function recorded(
  streams: Pick<Streams, 'recordedSoFar'>,
  sessions: HlsSessions,
  { request, name, file }: Asked,
): Promise<HttpReply> {
  const found = streams.recordedSoFar(name);
  if (found === null) throw new SluiceError('recording.notFound');
  const { partId, mediaSessionId: pullId } = found.part;
  const uri = `recorded-${partId}.mp4`;
  if (file === uri) {
    const reply = await fileReply(request, found.path, 'video/mp4', null);
    sessions.sent(request, pullId, reply.stream?.sizeBytes ?? 0);
    return reply;
  }
  if (file !== listNames.multivariant) throw new SluiceError('recording.notFound');
  const stream = { pullId, name, isOver: () => false, targetS: eventTargetS(found) };
  return answer(await sessions.asks(request, stream), recordedList(request, found, uri));
}

function decode(name: string | undefined): string {
  try {
    if (name !== undefined) return decodeURIComponent(name);
  } catch {
    // As for any other path that does not exist.
  }
  throw new SluiceError('route.notFound');
}
