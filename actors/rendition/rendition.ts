/**
 * The actor's side of a rendition: opens its thread, feeds it without ever queueing more than a second, and opens it anew
 * when it is lost. Its crash costs its viewers a pause of the video; audio and pass-through viewers see nothing of it.
 */
import type { MessagePort } from 'node:worker_threads';
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { type ErrorCode, errorTable, readThrown } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { RenditionWish } from '../media/rendition-output.js';
import type { TranscodedFrame } from '../media/video-transcoder.js';
import type { FromRendition, ToRendition } from './contract.js';
import { ThreadDeaths } from './thread-deaths.js';

/** Frames in the thread: about a second. One that is so far behind skips to the next keyframe. */
const maxInFlight = 30;
const reopenFirstMs = 250;
const reopenMaxMs = 5000;

export interface RenditionOptions {
  readonly wish: RenditionWish;
  /** Errors: media.unavailable, pull.limit (no thread to be had). */
  readonly openThread: (wish: RenditionWish) => Promise<MessagePort>;
  readonly config: VideoConfig;
  /** What was received since the newest keyframe, the newest last. */
  readonly cached: () => readonly AccessUnit[];
  readonly onFrame: (frame: TranscodedFrame) => void;
  readonly log: Logger;
}

export interface Rendition {
  push(unit: AccessUnit): void;
  /** kbit/s, from the next frame on. */
  setBitrate(kbps: number): void;
  readonly skipped: number;
  /** Frames that the decoder refused, or found fault with. */
  readonly decodeErrors: number;
  /** Why no frame can come; null while it can. */
  readonly failure: string | null;
  /** Mean time that a frame takes in the thread; null before the first. */
  readonly meanMs: number | null;
  close(): void;
}

export function createRendition(options: RenditionOptions): Rendition {
  const { log } = options;
  let port: MessagePort | null = null;
  let closed = false;
  let inFlight = 0;
  let isSkipping = false;
  let reopenMs = reopenFirstMs;
  let timer: NodeJS.Timeout | null = null;
  let failure: string | null = null;
  const deaths = new ThreadDeaths();
  const counts = { skipped: 0, decodeErrors: 0, done: 0, tookMs: 0 };

  const send = (message: ToRendition, transfer: readonly ArrayBuffer[] = []): void =>
    port?.postMessage(message, [...transfer]);

  const feed = ({ data, isKeyframe, pts90k }: AccessUnit, isShown: boolean): void => {
    inFlight += 1;
    const copy = Uint8Array.from(data);
    send({ kind: 'unit', data: copy, isKeyframe, pts90k, isShown }, [copy.buffer]);
  };

  /** Where only another machine or another build would help, nothing is tried any more. */
  const fail = (code: ErrorCode, detail: string): void => {
    const isFinal = !errorTable[code].retry;
    log(isFinal ? 'error' : 'warn', isFinal ? 'rendition.unavailable' : 'rendition.failed', { code, detail });
    failure = detail;
    closed ||= isFinal;
  };

  const reopen = (why: string): void => {
    port = null;
    failure ??= why;
    if (closed || timer !== null) return;
    log('warn', 'rendition.lost', { why, againMs: reopenMs });
    timer = setTimeout(() => {
      timer = null;
      void open();
    }, reopenMs);
    reopenMs = Math.min(reopenMaxMs, reopenMs * 2);
  };

  const receive = (message: FromRendition): void => {
    if (message.kind === 'failed') {
      fail(message.code, message.detail);
      send({ kind: 'stop' });
      return;
    }
    inFlight -= 1;
    failure = null;
    counts.done += 1;
    if (!message.isIntact) counts.decodeErrors += 1;
    counts.tookMs += message.tookMs;
    reopenMs = reopenFirstMs;
    for (const frame of message.frames) options.onFrame(frame);
  };

  const open = async (): Promise<void> => {
    try {
      const opened = await options.openThread(options.wish);
      if (closed) {
        opened.close();
        return;
      }
      port = opened;
      opened.on('message', (message: FromRendition) => {
        if (port === opened) receive(message);
      });
      opened.on('close', () => {
        if (port !== opened) return;
        if (deaths.died(counts.done) && !closed) fail('media.givenUp', `given up: ${failure ?? 'its threads end'}`);
        reopen('its thread ended');
      });
      inFlight = 0;
      isSkipping = false;
      deaths.opened(counts.done);
      send({ kind: 'configure', config: options.config });
      const cached = options.cached();
      for (const [n, unit] of cached.entries()) feed(unit, n === cached.length - 1);
    } catch (error) {
      reopen(readThrown(error).message);
    }
  };
  void open();

  return {
    push(unit) {
      if (port === null) return;
      // While the cached GOP is decoded after opening, nothing is behind yet.
      if (inFlight >= Math.max(maxInFlight, options.cached().length)) isSkipping = true;
      else if (unit.isKeyframe) isSkipping = false;
      if (isSkipping) counts.skipped += 1;
      else feed(unit, true);
    },
    setBitrate: (kbps) => send({ kind: 'bitrate', kbps }),
    get skipped() {
      return counts.skipped;
    },
    get decodeErrors() {
      return counts.decodeErrors;
    },
    get failure() {
      return failure;
    },
    get meanMs() {
      return counts.done === 0 ? null : counts.tookMs / counts.done;
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      // It closes the port itself when it is done.
      send({ kind: 'stop' });
      port = null;
    },
  };
}
