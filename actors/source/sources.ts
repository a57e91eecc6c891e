/**
 * Keeps one stream connected: holds the link to one of its sources, and when that is lost dials the source that may be
 * dialled soonest, the earlier in the list where several may.
 */
import type { LinkCall } from '../../src/core/rtmp/link-calls.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { ErrorCode } from '../../src/errors.js';
import type { SourcePlace, SourceState } from '../contract.js';
import type { StreamStats } from '../stats.js';
import { openFailBack } from './fail-back.js';
import type { Link, LinkEvents, SourceOptions } from './link.js';
import { createSmoother, type Smoother } from './smoother.js';
import { createSource, type Source } from './source.js';

export interface SourcesOptions extends Omit<SourceOptions, 'uri'>, SourcePlace {
  /** False: frames are not taken, and not waited for. */
  readonly wantsVideo: boolean;
  /** PENDING, CONNECTED and FAILED; `reason` is the cause of PENDING after a loss, and of FAILED. */
  readonly onState: (state: SourceState, reason: ErrorCode | null, detail: string) => void;
  /** The source of this index plays from now on; `remoteSessionId`: how it calls the session (WCS), null: not told. */
  readonly onSource: (index: number, remoteSessionId: string | null) => void;
  /** A new session begins: called before its first media. */
  readonly onSession: () => void;
  readonly onMedia: (message: MediaMessage) => void;
  /** The node that it is taken from tells this. */
  readonly onTold: (call: LinkCall) => void;
}

export class Sources {
  readonly #options: SourcesOptions;
  #sources: readonly Source[];
  /** Of those that it was taken from before. */
  #before = { bytes: 0, skipped: 0, attempts: 0 };
  readonly #smoother: Smoother;
  /** What each source was last lost for, while none has played since. */
  #losses = new Map<number, string>();
  readonly #closing = new Set<Promise<void>>();
  #link: Link | null = null;
  #failBack: Link | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #failBackTimer: NodeJS.Timeout | undefined;
  #isOver = false;
  #isStopped = false;
  #state: SourceState = 'NEW';
  /** Reason and detail of the state. */
  #cause = '';

  constructor(options: SourcesOptions) {
    const { settings, nowMs, onMedia } = options;
    this.#options = options;
    this.#sources = this.#sourcesAt(options);
    this.#smoother = createSmoother({
      delayMs: settings.smoothMs,
      maxBytes: settings.readPauseBytes,
      nowMs,
      pass: onMedia,
    });
  }

  /** `reconnects`: attempts after the first. */
  get stats(): Pick<StreamStats, 'sourceBytes' | 'skippedMessages' | 'reconnects'> {
    const { bytes: sourceBytes, skipped: skippedMessages } = this.#counts;
    return { sourceBytes, skippedMessages, reconnects: Math.max(0, this.#attempts - 1) };
  }

  /** Takes effect once. */
  start(): void {
    if (this.#state !== 'NEW' || this.#isOver) return;
    this.#enter('PENDING', null);
    this.#dial(0);
  }

  /** What the source sends cannot be used: it is lost for this reason. */
  refuse(reason: ErrorCode, detail: string): void {
    this.#link?.refuse(reason, detail);
  }

  /** `mayRest` has become false. */
  wake(): void {
    this.#link?.wake();
  }

  /**
   * From now on the stream is taken from elsewhere, which is dialled at once, whatever there was before. What is open is closed, and of
   * it `onMedia` gets nothing more.
   */
  pointTo(place: SourcePlace): void {
    if (this.#isStopped) return;
    this.#letGo();
    this.#before = this.#counts;
    this.#sources = this.#sourcesAt(place);
    this.#losses = new Map();
    this.#link = null;
    if (this.#state === 'NEW') return;
    const hasPlayed = this.#state === 'CONNECTED';
    this.#isOver = false;
    this.#enter('PENDING', hasPlayed ? 'source.moving' : null);
    this.#dial(0);
  }

  /** Resolves when all is closed; nothing is called or dialled after the call. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#isStopped = true;
    this.#letGo();
    await Promise.all(this.#closing);
  }

  get #attempts(): number {
    return this.#counts.attempts;
  }

  get #counts() {
    const sum = { ...this.#before };
    for (const { receivedBytes, skipped, attempts } of this.#sources) {
      sum.bytes += receivedBytes;
      sum.skipped += skipped;
      sum.attempts += attempts;
    }
    return sum;
  }

  #sourcesAt({ uris, origin }: SourcePlace): readonly Source[] {
    return uris.map((uri) => createSource({ ...this.#options, origin, uri }));
  }

  #letGo(): void {
    this.#smoother.close();
    clearTimeout(this.#retryTimer);
    this.#closeFailBack();
    this.#close(this.#link);
  }

  #enter(state: SourceState, reason: ErrorCode | null, detail = ''): void {
    const cause = `${reason} ${detail}`;
    if (this.#isOver || (state === this.#state && cause === this.#cause)) return;
    this.#state = state;
    this.#cause = cause;
    this.#options.onState(state, reason, detail);
  }

  #dial(index: number): void {
    this.#link = this.#sources[index]?.open(this.#eventsOf(index)) ?? null;
  }

  #close(link: Link | null): void {
    if (link === null) return;
    const closed = link.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  #eventsOf(index: number): LinkEvents {
    const { log, onSession, onSource, onTold } = this.#options;
    return {
      onSession: () => {
        this.#smoother.flush();
        onSession();
      },
      onAccepted: (address, remoteSessionId) => {
        log('info', 'source.connected', { source: index, address, attempts: this.#attempts });
        this.#losses = new Map();
        onSource(index, remoteSessionId);
        this.#enter('CONNECTED', null);
        if (index > 0) this.#armFailBack();
      },
      onMedia: this.#smoother.receive,
      onTold,
      onMoving: () => {
        log('info', 'source.moving', { source: index, reason: 'source.ended' });
        this.#enter('PENDING', 'source.ended', 'it asked to connect elsewhere');
      },
      onLost: (reason, detail) => this.#lost(index, reason, detail),
    };
  }

  #lost(index: number, reason: ErrorCode, detail: string): void {
    const { log, nowMs } = this.#options;
    this.#link = null;
    this.#closeFailBack();
    const now = nowMs();
    const waitsMs = this.#sources.map(({ readyMs }) => Math.max(0, readyMs - now));
    const waitMs = Math.min(...waitsMs);
    const loss = `${reason} ${detail}`;
    const isNews = this.#losses.get(index) !== loss;
    this.#losses.set(index, loss);
    if (waitsMs[index] === Number.POSITIVE_INFINITY) log('warn', 'source.givenUp', { source: index, reason, detail });
    else log(isNews ? 'warn' : 'debug', 'source.lost', { source: index, reason, detail, retryMs: Math.round(waitMs) });
    if (waitMs === Number.POSITIVE_INFINITY) {
      this.#enter('FAILED', reason, detail);
      this.#isOver = true;
      return;
    }
    // Sources that fail in turn, each as before, are no news.
    if (isNews || this.#state !== 'PENDING') this.#enter('PENDING', reason, detail);
    if (!this.#isOver) this.#retryTimer = setTimeout(() => this.#dial(waitsMs.indexOf(waitMs)), waitMs);
  }

  #armFailBack(): void {
    const { failBackMs } = this.#options.settings;
    clearTimeout(this.#failBackTimer);
    if (failBackMs > 0) this.#failBackTimer = setTimeout(() => this.#openFailBack(), failBackMs);
  }

  #openFailBack(): void {
    const { log, wantsVideo, nowMs } = this.#options;
    const [first] = this.#sources;
    if (first === undefined || first.readyMs === Number.POSITIVE_INFINITY) return;
    log('debug', 'source.failBack', { attempts: first.attempts });
    this.#failBack = openFailBack({
      source: first,
      wantsVideo,
      nowMs,
      onReady: (ready) => {
        this.#failBack = null;
        this.#close(this.#link);
        this.#link = ready;
        return this.#eventsOf(0);
      },
      onLost: () => {
        this.#failBack = null;
        this.#armFailBack();
      },
    });
  }

  #closeFailBack(): void {
    clearTimeout(this.#failBackTimer);
    this.#close(this.#failBack);
    this.#failBack = null;
  }
}
