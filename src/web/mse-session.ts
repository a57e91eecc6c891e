/** One connection to /mse/{name}: fragmented MP4 over a WebSocket into a video element (.github/docs/mse.md). */

import { createPlayoutDelay } from '../core/playout/playout-delay.js';
import { compositionOffset } from './composition-offset.js';

interface MseRequest {
  /** ws: or wss:. */
  readonly url: URL;
  readonly video: HTMLVideoElement;
  /** How far behind the newest frame it plays at least. */
  readonly bufferMs: number;
  readonly signal: AbortSignal;
  /** What the server says beside the media; `atS`: where in the element's time it belongs. */
  readonly onSaid?: (type: string, value: unknown, atS: number) => void;
}

export interface MseLost {
  readonly reason: string;
  /** Of HTTP, with which the server refused or ended it; 0: it said none. */
  readonly status: number;
  /** This browser cannot play what the stream is now. */
  readonly isFinal: boolean;
}

export interface MseSession {
  /** Once, whatever ends it: the server, the network, the element, or `signal`. */
  readonly ended: Promise<MseLost>;
  readonly receivedBytes: number;
  /** As RFC 6381 names them; empty before the first media. */
  readonly codecs: readonly string[];
}

/** Of the video of all fragments. */
const videoTicksPerMs = 90;
/** More than this behind what is wanted: jump, at the beginning sooner. Less: play a little faster. */
const jumpMs = 1000;
const jumpFirstMs = 150;
const settleMs = 1000;
const slackMs = 30;
const fasterBy = 1.08;
/** What has been played is kept for so long, in seconds. */
const keptBehindS = 10;
/** RFC 6455 7.4: of applications. Behind it come the statuses of HTTP, 4404 for 404. */
const closeCodes = 4000;

/** What the server says: what follows, why nothing does, or what the source says beside it. */
interface Said {
  readonly type: string;
  readonly value: unknown;
}

export function openMse({ url, video, bufferMs, signal, onSaid }: MseRequest): MseSession {
  const over = new AbortController();
  const end = (lost: Partial<MseLost> & Pick<MseLost, 'reason'>): void =>
    over.abort({ status: 0, isFinal: false, ...lost } satisfies MseLost);
  const ended = new Promise<MseLost>((resolve) =>
    over.signal.addEventListener('abort', () => resolve(over.signal.reason)),
  );
  signal.addEventListener('abort', () => end({ reason: 'stopped' }), { signal: over.signal });
  const source = new MediaSource();
  const address = URL.createObjectURL(source);
  video.src = address;
  over.signal.addEventListener('abort', () => URL.revokeObjectURL(address));
  const appender = createAppender(source, video, (reason) => end({ reason }));
  const edge = createEdge(video, bufferMs, over.signal);
  let receivedBytes = 0;
  let type = '';
  let reason = '';

  const follows = (next: string): void => {
    type = next;
    if (MediaSource.isTypeSupported(type)) appender.use(type);
    else end({ reason: `this browser does not play ${type}`, isFinal: true });
  };
  const take = (said: Said): void => {
    if (said.type === 'error') reason = String(said.value);
    if (said.type === 'mse') follows(String(said.value));
    onSaid?.(said.type, said.value, newestS(video));
  };
  const connect = (): void => {
    video.addEventListener('error', () => end({ reason: video.error?.message ?? 'the element failed' }), {
      signal: over.signal,
    });
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (over.signal.aborted) return;
      if (typeof data === 'string') take(JSON.parse(data));
      else {
        receivedBytes += data.byteLength;
        appender.append(data);
        edge.sees(compositionOffset(data) / videoTicksPerMs);
        edge.follow();
      }
    });
    socket.addEventListener('close', ({ code }) =>
      end({ reason: reason || 'the connection was lost', status: Math.max(0, code - closeCodes) }),
    );
    over.signal.addEventListener('abort', () => socket.close());
  };
  source.addEventListener('sourceopen', () => !over.signal.aborted && connect(), { once: true });
  return {
    ended,
    get receivedBytes() {
      return receivedBytes;
    },
    get codecs() {
      return /codecs="(.*)"/.exec(type)?.[1]?.split(',') ?? [];
    },
  };
}

/** Where the media ends that has come; before any has, where the element stands. */
const newestS = ({ buffered, currentTime }: HTMLVideoElement): number =>
  buffered.length === 0 ? currentTime : buffered.end(buffered.length - 1);

/** Hands bytes to the source buffer, which takes one piece at a time. */
function createAppender(source: MediaSource, video: HTMLVideoElement, onFailed: (reason: string) => void) {
  let buffer: SourceBuffer | null = null;
  const waiting: (string | ArrayBuffer)[] = [];

  /** All bytes up to the next type, in one piece. */
  const nextPiece = (): Uint8Array<ArrayBuffer> => {
    const end = waiting.findIndex((piece) => typeof piece === 'string');
    const pieces = waiting.splice(0, end === -1 ? waiting.length : end).filter((piece) => typeof piece !== 'string');
    const joined = new Uint8Array(pieces.reduce((total, { byteLength }) => total + byteLength, 0));
    let at = 0;
    for (const piece of pieces) {
      joined.set(new Uint8Array(piece), at);
      at += piece.byteLength;
    }
    return joined;
  };
  const work = (): void => {
    if (source.readyState !== 'open' || buffer?.updating) return;
    try {
      const [first] = waiting;
      if (typeof first === 'string') {
        waiting.shift();
        if (buffer === null) {
          buffer = source.addSourceBuffer(first);
          buffer.addEventListener('updateend', work);
        } else buffer.changeType(first);
        work();
      } else if (first !== undefined) buffer?.appendBuffer(nextPiece());
      else trim();
    } catch (error) {
      onFailed(String(error));
    }
  };
  const trim = (): void => {
    if (buffer === null || buffer.buffered.length === 0) return;
    const until = video.currentTime - keptBehindS;
    if (until - buffer.buffered.start(0) > keptBehindS) buffer.remove(0, until);
  };

  return {
    use(type: string): void {
      waiting.push(type);
      work();
    },
    append(bytes: ArrayBuffer): void {
      waiting.push(bytes);
      work();
    },
  };
}

/** Keeps the element close to the newest frame. */
function createEdge(video: HTMLVideoElement, leastMs: number, signal: AbortSignal) {
  const delay = createPlayoutDelay(leastMs);
  /** When it last went to another place; null: it has not begun. */
  let jumpedAtMs: number | null = null;
  let isCatchingUp = false;
  /** What is buffered ends with the latest picture: with B-frames earlier ones are yet to come, as much earlier as this. */
  let reorderMs = 0;
  const onDry = (): void => {
    // To go to another place is to wait, too.
    const nowMs = performance.now();
    const isSettled = jumpedAtMs !== null && nowMs - jumpedAtMs > settleMs;
    if (isSettled && !video.seeking) delay.runsDry(nowMs);
  };
  video.addEventListener('waiting', onDry, { signal });
  const toNormalSpeed = (): void => {
    video.playbackRate = 1;
  };
  signal.addEventListener('abort', toNormalSpeed);
  const jump = (toS: number, nowMs: number): void => {
    video.currentTime = toS;
    jumpedAtMs = nowMs;
    isCatchingUp = false;
    toNormalSpeed();
    // A page that may not play aloud says so by its element.
    video.play().catch(() => {});
  };

  return {
    /** By how much a picture is shown after it is decoded. */
    sees(offsetMs: number): void {
      reorderMs = Math.max(reorderMs, offsetMs);
    },
    follow(): void {
      const { buffered } = video;
      if (buffered.length === 0) return;
      const last = buffered.length - 1;
      const [start, end] = [buffered.start(last), buffered.end(last)];
      const wantedMs = delay.ms + reorderMs;
      const surplusMs = (end - video.currentTime) * 1000 - wantedMs;
      const nowMs = performance.now();
      // What was kept of the GOP comes in pieces.
      const mostMs = jumpedAtMs !== null && nowMs - jumpedAtMs > settleMs ? jumpMs : jumpFirstMs;
      if (jumpedAtMs === null || video.currentTime < start || surplusMs > mostMs) {
        jump(Math.max(start, end - wantedMs / 1000), nowMs);
        return;
      }
      delay.plays(nowMs);
      if (surplusMs > slackMs) isCatchingUp = true;
      else if (surplusMs <= 0) isCatchingUp = false;
      video.playbackRate = isCatchingUp ? fasterBy : 1;
    },
  };
}
