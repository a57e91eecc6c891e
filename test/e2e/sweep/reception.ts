/** What a viewer sees and hears, judged by its newest second and a bit. */
import { readOpusPacket } from '../../../src/core/codec/opus-packet.js';
import { toneWindows } from '../../support/media/audio-stage.js';
import { decodeOpus } from '../../support/media/opus.js';
import type { SeenRtp, StreamViewer } from '../../support/viewer/stream-viewer.js';
import type { TagInput } from './input.js';
import { decodeSeen, framesOf, isRtpCodec, type RtpCodec, type SeenFrame } from './pictures.js';

const windowMs = 1000;
const leastShare = 0.9;
/** Of audio that may be damaged. */
const leastDamagedShare = 0.2;
const leastTone = 0.05;

export interface Reception {
  readonly isShown: boolean;
  readonly isHeard: boolean;
  /** When the first picture was there, by the monotonic clock; null: none was. */
  readonly firstPictureMs: number | null;
  readonly firstSoundMs: number | null;
  /** For people. */
  readonly words: string;
}

export const nothingReceived: Reception = {
  isShown: false,
  isHeard: false,
  firstPictureMs: null,
  firstSoundMs: null,
  words: 'nothing',
};

/** Payload types of an answer by the codec's name. */
function typesOf(answerSdp: string, kind: 'audio' | 'video'): readonly (readonly [type: number, codec: string])[] {
  const section = answerSdp.split(/^(?=m=)/m).find((one) => one.startsWith(`m=${kind} `)) ?? '';
  return [...section.matchAll(/^a=rtpmap:(\d+) ([^/\r\n]+)/gm)].map(([, type, codec = '']) => [Number(type), codec]);
}

interface Seen {
  readonly codec: RtpCodec;
  readonly packets: readonly SeenRtp[];
}

/** Of the video that came last: a stream may change its encoding. */
function newestVideo(viewer: StreamViewer, answerSdp: string): Seen | null {
  const seen = typesOf(answerSdp, 'video').flatMap(([type, codec]) => {
    const packets = viewer.ofType(type);
    return isRtpCodec(codec) && packets.length > 0 ? [{ codec, packets }] : [];
  });
  const lastOf = ({ packets }: Seen): bigint => packets.at(-1)?.atNs ?? 0n;
  return seen.toSorted((one, other) => (lastOf(one) < lastOf(other) ? 1 : -1))[0] ?? null;
}

const newest = (frames: readonly SeenFrame[], forMs: number): readonly SeenFrame[] => {
  const last = frames.at(-1)?.timestamp ?? 0;
  return frames.filter(({ timestamp }) => ((last - timestamp) | 0) < forMs * 90);
};

interface Arrival {
  readonly timestamp: number;
  readonly atMs: number;
}

const timedMs = 2000;
const timedShare = 0.2;

/** The newest two seconds took two seconds to come. */
function isInTime(arrivals: readonly Arrival[], hz: number): boolean {
  const last = arrivals.at(-1);
  const first = arrivals.find(({ timestamp }) => (((last?.timestamp ?? 0) - timestamp) | 0) <= (timedMs * hz) / 1000);
  if (last === undefined || first === undefined) return false;
  const spanMs = (((last.timestamp - first.timestamp) | 0) * 1000) / hz;
  return spanMs > timedMs * (1 - timedShare) && Math.abs((last.atMs - first.atMs) / spanMs - 1) <= timedShare;
}

interface Sight {
  readonly isShown: boolean;
  readonly firstMs: number | null;
  readonly words: string;
}

async function look(viewer: StreamViewer, answerSdp: string, { fps, isTimed }: TagInput): Promise<Sight> {
  const video = newestVideo(viewer, answerSdp);
  if (video === null) return { isShown: false, firstMs: null, words: 'no packet of video' };
  const frames = framesOf(video.packets);
  const decoded = await decodeSeen(video.codec, frames);
  const [first] = decoded;
  // As browsers do that cannot decode what they are sent.
  if (first === undefined) viewer.askKeyframe(video.packets[0]?.ssrc ?? 0);
  const words = `${decoded.length} of ${frames.length} pictures of ${video.codec}`;
  const last = decoded.at(-1);
  if (first === undefined || last === undefined) return { isShown: false, firstMs: null, words };
  const spanMs = ((last.timestamp - first.timestamp) | 0) / 90;
  const wanted = (fps * windowMs * leastShare) / 1000;
  const isWhole = fps === 0 || (spanMs >= windowMs && newest(decoded, windowMs).length >= wanted);
  const isShown = isWhole && (!isTimed || isInTime(decoded, 90_000));
  return { isShown, firstMs: first.atMs, words: `${words}, ${Math.round(spanMs)} ms` };
}

/** Most of the time. */
async function toneOf(packets: readonly SeenRtp[]): Promise<number> {
  const levels = toneWindows(await decodeOpus(packets.map(({ payload }) => payload)));
  return levels.toSorted((one, other) => one - other)[Math.floor(levels.length / 2)] ?? 0;
}

async function listen(viewer: StreamViewer, answerSdp: string, { isTone, audio, isTimed }: TagInput): Promise<Sight> {
  const type = typesOf(answerSdp, 'audio').find(([, codec]) => codec.toLowerCase() === 'opus')?.[0];
  const packets = type === undefined ? [] : viewer.ofType(type);
  const [first] = packets;
  if (first === undefined) return { isShown: false, firstMs: null, words: 'no packet of audio' };
  const last = packets.reduce((latest, { timestamp }) => Math.max(latest, (timestamp - first.timestamp) | 0), 0);
  const kept = packets.filter(({ timestamp }) => last - ((timestamp - first.timestamp) | 0) < windowMs * 48);
  const keptMs = kept.reduce((sum, { payload }) => sum + (readOpusPacket(payload)?.samples ?? 0) / 48, 0);
  const isWhole = last >= windowMs * 48 && keptMs >= windowMs * (audio === 'either' ? leastDamagedShare : leastShare);
  const level = isWhole && isTone ? await toneOf(kept) : 1;
  const words = `${packets.length} packets of audio, tone ${level.toFixed(2)}`;
  const arrivals = packets.map(({ timestamp, atNs }) => ({ timestamp, atMs: Number(atNs) / 1e6 }));
  const isHeard = isWhole && level >= leastTone && (!isTimed || isInTime(arrivals, 48_000));
  return { isShown: isHeard, firstMs: Number(first.atNs) / 1e6, words };
}

export async function receptionOf(viewer: StreamViewer, answerSdp: string, input: TagInput): Promise<Reception> {
  const sight = await look(viewer, answerSdp, input);
  const sound = await listen(viewer, answerSdp, input);
  return {
    isShown: sight.isShown,
    isHeard: sound.isShown,
    firstPictureMs: sight.firstMs,
    firstSoundMs: sound.firstMs,
    words: `${sight.words}; ${sound.words}`,
  };
}
