/**
 * Keeps one stream connected: holds the link to one of its sources, and when that is lost dials the source that may be
 * dialled soonest, the earlier in the list where several may.
 */
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { ErrorCode } from '../../src/errors.js';
import type { SourceState } from '../contract.js';
import { openFailBack } from './fail-back.js';
import { createMediaGuard } from './media-guard.js';
import { createSmoother } from './smoother.js';
import { createSource, type Link, type LinkEvents, type SourceOptions } from './source.js';

export interface SourcesOptions extends Omit<SourceOptions, 'uri'> {
  /** In order of preference, at least one. They may hold credentials: they are never logged. */
  readonly uris: readonly string[];
  /** False: frames are not taken, and not waited for. */
  readonly wantsVideo: boolean;
  /** PENDING, CONNECTED and FAILED; `reason` is the cause of PENDING after a loss, and of FAILED. */
  readonly onState: (state: SourceState, reason: ErrorCode | null, detail: string) => void;
  /** The source of this index plays from now on. */
  readonly onSource: (index: number) => void;
  /** A new RTMP session begins: told before its first media. */
  readonly onSession: () => void;
  /** A WireError thrown here costs this message only. */
  readonly onMedia: (message: MediaMessage) => void;
}

export interface Sources {
  /** Takes effect once. */
  start(): void;
  /** What the source sends cannot be used: it is lost for this reason. */
  refuse(reason: ErrorCode, detail: string): void;
  /** Resolves when all is closed; nothing is told or dialled after the call. */
  stop(): Promise<void>;
  readonly sourceBytes: number;
  /** Attempts after the first. */
  readonly reconnects: number;
}

export function createSources(options: SourcesOptions): Sources {
  const { settings, nowMs, log, uris } = options;
  const sources = uris.map((uri) => createSource({ ...options, uri }));
  const [first] = sources;
  const media = createMediaGuard({ nowMs, log, onMedia: options.onMedia });
  const smoother = createSmoother({
    delayMs: settings.smoothMs,
    maxBytes: settings.readPauseBytes,
    nowMs,
    pass: media.pass,
  });
  /** What each source was last lost for, while none has played since. */
  let losses = new Map<number, string>();
  const closing = new Set<Promise<void>>();
  let link: Link | null = null;
  let failBack: Link | null = null;
  let retry: NodeJS.Timeout | undefined;
  let failBackTimer: NodeJS.Timeout | undefined;
  let isOver = false;
  let state: SourceState = 'NEW';
  let cause = '';

  const tell = (next: SourceState, reason: ErrorCode | null, detail = ''): void => {
    const text = `${reason} ${detail}`;
    if (isOver || (next === state && text === cause)) return;
    state = next;
    cause = text;
    options.onState(next, reason, detail);
  };

  const attempts = (): number => sources.reduce((sum, source) => sum + source.attempts, 0);

  const close = (left: Link | null): void => {
    if (left === null) return;
    const closed = left.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const closeFailBack = (): void => {
    clearTimeout(failBackTimer);
    close(failBack);
    failBack = null;
  };
  const armFailBack = (): void => {
    clearTimeout(failBackTimer);
    if (settings.failBackMs > 0) failBackTimer = setTimeout(goBack, settings.failBackMs);
  };
  const goBack = (): void => {
    if (first === undefined || first.readyMs === Number.POSITIVE_INFINITY) return;
    log('debug', 'source.failBack', { attempts: first.attempts });
    failBack = openFailBack({
      source: first,
      wantsVideo: options.wantsVideo,
      nowMs,
      onReady(ready) {
        failBack = null;
        close(link);
        link = ready;
        return eventsOf(0);
      },
      onLost() {
        failBack = null;
        armFailBack();
      },
    });
  };

  const lost = (index: number, reason: ErrorCode, detail: string): void => {
    link = null;
    closeFailBack();
    const now = nowMs();
    const waits = sources.map(({ readyMs }) => Math.max(0, readyMs - now));
    const waitMs = Math.min(...waits);
    const loss = `${reason} ${detail}`;
    const isNews = losses.get(index) !== loss;
    losses.set(index, loss);
    if (waits[index] === Number.POSITIVE_INFINITY) log('warn', 'source.givenUp', { source: index, reason, detail });
    else log(isNews ? 'warn' : 'debug', 'source.lost', { source: index, reason, detail, retryMs: Math.round(waitMs) });
    if (waitMs === Number.POSITIVE_INFINITY) {
      tell('FAILED', reason, detail);
      isOver = true;
      return;
    }
    // Sources that fail in turn, each as before, are no news.
    if (isNews || state !== 'PENDING') tell('PENDING', reason, detail);
    if (!isOver) retry = setTimeout(dial, waitMs, waits.indexOf(waitMs));
  };

  const eventsOf = (index: number): LinkEvents => ({
    onSession() {
      smoother.flush();
      options.onSession();
    },
    onAccepted(address) {
      log('info', 'source.connected', { source: index, address, attempts: attempts() });
      losses = new Map();
      options.onSource(index);
      tell('CONNECTED', null);
      if (index > 0) armFailBack();
    },
    onMedia: smoother.receive,
    onMoving: () => tell('PENDING', 'source.ended', 'it asked to connect elsewhere'),
    onLost: (reason, detail) => lost(index, reason, detail),
  });

  const dial = (index: number): void => {
    link = sources[index]?.open(eventsOf(index)) ?? null;
  };

  return {
    start() {
      if (state !== 'NEW' || isOver) return;
      tell('PENDING', null);
      dial(0);
    },
    refuse: (reason, detail) => link?.refuse(reason, detail),
    async stop() {
      isOver = true;
      smoother.close();
      clearTimeout(retry);
      closeFailBack();
      close(link);
      await Promise.all(closing);
    },
    get sourceBytes() {
      return sources.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0);
    },
    get reconnects() {
      return Math.max(0, attempts() - 1);
    },
  };
}
