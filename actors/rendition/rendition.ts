/**
 * The actor's side of a rendition: opens its thread or process, feeds it a few frames at a time, and opens it again when it is lost.
 * Its crash costs its viewers a pause of the video; audio and pass-through viewers see nothing of it.
 */
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import type { VideoConfig } from '../../src/core/codec/video-config.js';
import { type ErrorCode, errorTable, readThrown, rowOf } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ChannelEnd } from '../contract.js';
import type { RenditionWish } from '../media/rendition-output.js';
import type { TranscodedFrame } from '../media/video-transcoder.js';
import { Backlog, type Due } from './backlog.js';
import type { FromRendition, ToRendition } from './contract.js';
import { DecoderHealth } from './decoder-health.js';
import { ThreadDeaths } from './thread-deaths.js';

/** Frames on their way at once: the other side answers between them, and never has to work off a long group before it is heard. */
const maxInFlight = 4;
/** A group that is longer is told of in the log. */
const longGroup = 60;
const reopenFirstMs = 250;
const reopenMaxMs = 5000;

/** Why no frame can come. */
export interface RenditionTrouble {
  readonly code: ErrorCode;
  /** For people. */
  readonly detail: string;
}

/** To its thread or process. */
export type RenditionChannel = ChannelEnd<FromRendition, ToRendition>;

export interface RenditionOptions {
  readonly wish: RenditionWish;
  /** Errors: media.unavailable, pull.limit (none to be had), actor.dead. */
  readonly openThread: (wish: RenditionWish) => Promise<RenditionChannel>;
  readonly config: VideoConfig;
  /** Of a frame that is shown, at least: in 1/90,000 s; may be -Infinity. */
  readonly shownAfter90k: number;
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
  /** Frames that the thread has not been given yet. */
  readonly behind: number;
  /** Frames that the decoder refused, or found fault with. */
  readonly decodeErrors: number;
  /** Null while frames can come. */
  readonly trouble: RenditionTrouble | null;
  /** Why none is to be expected now, in words: trouble, or a moment that passes. */
  readonly failure: string | null;
  /** Mean time that a frame takes there; null before the first. */
  readonly meanMs: number | null;
  close(): void;
}

const unitOf = ({ unit, isShown }: Due, data: Uint8Array): ToRendition => {
  const { isKeyframe, pts90k } = unit;
  return { kind: 'unit', data, isKeyframe, pts90k, isShown };
};

const unreadable: RenditionTrouble = { code: 'source.unreadableVideo', detail: 'no picture comes of its frames' };

export function createRendition(options: RenditionOptions): Rendition {
  const { log } = options;
  let port: RenditionChannel | null = null;
  let closed = false;
  let inFlight = 0;
  let reopenMs = reopenFirstMs;
  let timer: NodeJS.Timeout | null = null;
  let trouble: RenditionTrouble | null = null;
  const health = new DecoderHealth();
  const deaths = new ThreadDeaths();
  const backlog = new Backlog();
  const counts = { decodeErrors: 0, done: 0, tookMs: 0 };

  const send = (message: ToRendition, transfer: ArrayBuffer[] = []): void => port?.postMessage(message, transfer);

  const feed = (): void => {
    while (port !== null && inFlight < maxInFlight) {
      const due = backlog.next();
      if (due === null) return;
      inFlight += 1;
      const data = Uint8Array.from(due.unit.data);
      send(unitOf(due, data), [data.buffer]);
    }
  };

  /** Where only another machine or another build would help, nothing is tried any more. */
  const fail = (code: ErrorCode, detail: string): void => {
    const isFinal = !errorTable[code].retry;
    log(isFinal ? 'error' : 'warn', isFinal ? 'rendition.unavailable' : 'rendition.failed', { code, detail });
    trouble = { code, detail };
    closed ||= isFinal;
  };

  const reopen = (code: ErrorCode, why: string, isHopeless = false): void => {
    port = null;
    if (isHopeless && !closed) fail('media.givenUp', `given up: ${trouble?.detail ?? why}`);
    trouble ??= { code, detail: why };
    if (closed || timer !== null) return;
    log('warn', 'rendition.lost', { why, againMs: reopenMs });
    timer = setTimeout(() => {
      timer = null;
      open();
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
    feed();
    const isFailing = !backlog.isCatchingUp && health.isFailing(message.frames.length, message.isIntact);
    trouble = isFailing ? (trouble ?? unreadable) : null;
    counts.done += 1;
    if (!message.isIntact) counts.decodeErrors += 1;
    counts.tookMs += message.tookMs;
    reopenMs = reopenFirstMs;
    for (const frame of message.frames) options.onFrame(frame);
  };

  const begin = (opened: RenditionChannel): void => {
    if (closed) {
      opened.close();
      return;
    }
    port = opened;
    opened.on('message', (message: FromRendition) => port === opened && receive(message));
    opened.on('close', () => port === opened && reopen('actor.dead', 'it ended', deaths.died(counts.done)));
    inFlight = 0;
    health.reset();
    send({ kind: 'configure', config: options.config, shownAfter90k: options.shownAfter90k });
    const cached = options.cached();
    backlog.begin(cached);
    if (cached.length > longGroup) log('info', 'rendition.catchingUp', { frames: cached.length });
    feed();
  };
  // Only what opening it fails with is tried again: what `begin` throws is a bug, and ends the thread.
  const open = (): void =>
    void options
      .openThread(options.wish)
      .then(begin, (error: unknown) => reopen(rowOf(error), readThrown(error).message));
  open();

  return {
    push(unit) {
      if (port === null) return;
      backlog.push(unit);
      feed();
    },
    setBitrate: (kbps) => send({ kind: 'bitrate', kbps }),
    get skipped() {
      return backlog.skipped;
    },
    get behind() {
      return backlog.length;
    },
    get decodeErrors() {
      return counts.decodeErrors;
    },
    get trouble() {
      return trouble;
    },
    get failure() {
      return trouble?.detail ?? backlog.whyNothing;
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
