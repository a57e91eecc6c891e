/** One RTMP connection: joins the socket to the player's half of the protocol, and watches the time. */
import type { Socket } from 'node:net';
import { type ClientEvent, type ClientOptions, createRtmpClient } from '../../src/core/rtmp/client.js';
import type { Auth, Waiting } from '../../src/core/rtmp/client-dialogue.js';
import type { LinkCall } from '../../src/core/rtmp/link-calls.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { RtmpUrl } from '../../src/core/rtmp/url.js';
import type { ErrorCode } from '../../src/errors.js';
import type { ActorSettings } from '../settings.js';
import { openRest } from './choose-rest.js';
import type { Patience } from './patience.js';
import { createReadPace } from './read-pace.js';
import type { OnBeat } from './rest.js';
import type { SourceReads } from './source-reads.js';

/** A farewell takes no longer, in ms. */
const closeTimeoutMs = 500;
/** We send little: a peer that leaves so much unread, and goes on asking, is at fault. */
const maxUnsentBytes = 262_144;

export type SessionEnd =
  /** `waitingFor`: how far the dialogue had come. */
  | { readonly kind: 'lost'; readonly reason: ErrorCode; readonly detail: string; readonly waitingFor: Waiting }
  | { readonly kind: 'redirect'; readonly url: RtmpUrl }
  | { readonly kind: 'authenticate'; readonly auth: Auth };

export interface SessionOptions {
  readonly socket: Socket;
  readonly reads: SourceReads;
  readonly client: ClientOptions;
  readonly settings: Pick<ActorSettings['rtmp'], 'dialogueTimeoutMs' | 'readPauseBytes'>;
  readonly patience: Pick<Patience, 'ms'>;
  /** Nobody waits for what it sends. */
  readonly mayRest: () => boolean;
  readonly onBeat: OnBeat;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly onAccepted: () => void;
  readonly onMedia: (message: MediaMessage) => void;
  readonly onTold: (call: LinkCall) => void;
  /** Messages were passed over: so many in all. */
  readonly onSkipped: (skipped: number) => void;
  /** Called once, when the connection is closed; never after `close`. */
  readonly onEnd: (end: SessionEnd) => void;
}

export interface RtmpSession {
  readonly receivedBytes: number;
  /** Messages of it that were passed over. */
  readonly skipped: number;
  /** `mayRest` has become false. */
  wake(): void;
  /** Says goodbye and closes; resolves when the socket is gone, after half a second at most. */
  close(): Promise<void>;
}

export function openRtmpSession(options: SessionOptions): RtmpSession {
  const { socket, reads, settings, patience, mayRest, onBeat, nowMs } = options;
  const client = createRtmpClient(options.client);
  let isOver = false;
  let acceptedMs: number | null = null;
  let lastMediaMs: number | null = null;
  let skipped = 0;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));

  const leave = (): void => {
    isOver = true;
    clearTimeout(timer);
    pace.stop();
  };
  const end = (how: SessionEnd): void => {
    if (isOver) return;
    leave();
    socket.destroy();
    options.onEnd(how);
  };
  const lose = (reason: ErrorCode, detail: string, waitingFor = client.waitingFor): void =>
    end({ kind: 'lost', reason, detail, waitingFor });

  const send = (parts: readonly Uint8Array[]): void => {
    for (const part of parts) socket.write(part);
    if (socket.writableLength > maxUnsentBytes) lose('source.protocol', 'it does not read what it asks for');
  };

  const take = (event: ClientEvent, waitingFor: Waiting): void => {
    if (event.kind === 'media') {
      if (event.message.track !== 'data') lastMediaMs = nowMs();
      options.onMedia(event.message);
    } else if (event.kind === 'accepted') {
      acceptedMs = nowMs();
      watch(patience.ms);
      options.onAccepted();
    } else if (event.kind === 'told') options.onTold(event.call);
    else if (event.kind === 'ended') lose(event.reason, event.detail, waitingFor);
    else end(event);
  };
  const handle = (bytes: Uint8Array): void => {
    const waitingFor = client.waitingFor;
    const step = client.push(bytes, nowMs());
    send(step.send);
    if (client.skipped > skipped) {
      skipped = client.skipped;
      options.onSkipped(skipped);
    }
    for (const event of step.events) {
      if (isOver) return;
      take(event, waitingFor);
    }
  };
  const onClosed = (): void => {
    if (client.waitingFor === 'media') lose('source.ended', 'the connection was closed');
    else lose('source.rejected', `it closed the connection instead of answering ${client.waitingFor}`);
  };

  const judge = (): void => {
    if (isOver) return;
    if (acceptedMs === null) {
      lose(client.lateness.reason, client.lateness.detail);
      return;
    }
    const silentMs = nowMs() - (lastMediaMs ?? acceptedMs);
    const leftMs = pace.isBehind ? patience.ms : patience.ms - silentMs;
    if (leftMs > 0) watch(leftMs);
    else lose(lastMediaMs === null ? 'source.noMedia' : 'source.stalled', `no media for ${Math.round(silentMs)} ms`);
  };
  const watch = (delayMs: number): void => {
    clearTimeout(timer);
    // After a stop of this thread the timer comes before what the socket has: that is read first.
    timer = setTimeout(() => setImmediate(judge), Math.ceil(delayMs));
  };

  let timer: NodeJS.Timeout | undefined;
  const pace = createReadPace({
    socket,
    reads,
    pauseBytes: settings.readPauseBytes,
    openRest: (mayRest) => openRest({ socket, mayRest, onBeat, nowMs }),
    mayRest,
    nowMs,
    handle,
    onClosed,
  });
  watch(settings.dialogueTimeoutMs);
  send(client.start().send);

  return {
    get receivedBytes() {
      return socket.bytesRead;
    },
    get skipped() {
      return client.skipped;
    },
    wake: () => pace.wake(),
    async close() {
      if (!isOver) {
        leave();
        for (const part of client.close()) socket.write(part);
        socket.end();
      }
      const deadline = setTimeout(() => socket.destroy(), closeTimeoutMs);
      await closed;
      clearTimeout(deadline);
    },
  };
}
