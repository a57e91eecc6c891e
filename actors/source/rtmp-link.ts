/**
 * A link to a source by RTMP: answers its challenges, follows its redirects and holds its RTMP session. The address of every
 * attempt, redirects included, goes through the guard behind `resolve`.
 */
import { randomBytes } from 'node:crypto';
import { WireError } from '../../src/core/bytes/wire-error.js';
import type { RedirectedFrom } from '../../src/core/guard/address.js';
import { createRateLimit } from '../../src/core/guard/rate.js';
import type { Auth } from '../../src/core/rtmp/client-dialogue.js';
import { handshakeRandomBytes } from '../../src/core/rtmp/handshake.js';
import { parseRtmpUrl, type RtmpUrl } from '../../src/core/rtmp/url.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import { type Dialled, dial, dialTarget } from '../../src/net/dial.js';
import { type Link, type LinkEvents, noteLoss, type SourceHistory, type SourceOptions } from './link.js';
import { openRtmpSession, type RtmpSession, type SessionEnd } from './rtmp-session.js';
import { createSourceReads, type SourceReads } from './source-reads.js';

const maxRedirects = 3;
const maxAuthSteps = 2;
/** One line in ten seconds, however bad the source. */
const logRules = { perMinute: 6, burst: 1 } as const;

interface Target {
  readonly url: RtmpUrl;
  readonly auth: Auth | null;
  readonly isRedirected: boolean;
}

export class RtmpLink implements Link {
  readonly #source: SourceOptions;
  readonly #history: SourceHistory;
  readonly #events: LinkEvents;
  readonly #life = new AbortController();
  readonly #lines = createRateLimit(logRules);
  #session: RtmpSession | null = null;
  /** Where the pull's own address was found, once that has answered with a redirect. */
  #redirectedFrom: RedirectedFrom | null = null;
  #redirects = 0;
  #authSteps = 0;
  #isAccepted = false;
  /** Of the session that is open. */
  #address = '';

  /** Dials at once. */
  constructor(source: SourceOptions, history: SourceHistory, events: LinkEvents) {
    this.#source = source;
    this.#history = history;
    this.#events = events;
    // Nothing is called before the caller has its link.
    queueMicrotask(() => this.#begin());
  }

  get receivedBytes(): number {
    return this.#session?.receivedBytes ?? 0;
  }

  get skipped(): number {
    return this.#session?.skipped ?? 0;
  }

  wake(): void {
    this.#session?.wake();
  }

  async close(): Promise<void> {
    this.#life.abort();
    await this.#retire()?.close();
  }

  refuse(reason: ErrorCode, detail: string): void {
    void this.#retire()?.close();
    this.#lose(reason, detail);
  }

  #begin(): void {
    if (this.#life.signal.aborted) return;
    try {
      void this.#attempt({ url: parseRtmpUrl(this.#source.uri), auth: null, isRedirected: false });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#lose('request.invalid', error.message);
    }
  }

  async #attempt(target: Target): Promise<void> {
    this.#history.attempts += 1;
    try {
      const dialled = await this.#dial(target.url);
      if (dialled !== null) this.#openSession(target, dialled);
    } catch (error) {
      if (this.#life.signal.aborted) return;
      if (!(error instanceof SluiceError)) throw error; // A bug: the thread ends, and the supervisor starts another.
      const { host } = target.url;
      this.#lose(error.code, target.isRedirected ? `${error.detail} (redirected to ${host})`.trim() : error.detail);
    }
  }

  /** Null when the link was closed meanwhile. */
  async #dial(url: RtmpUrl): Promise<Dialled<SourceReads> | null> {
    const { settings, origin, resolve, nowMs } = this.#source;
    const { signal } = this.#life;
    const addresses = await resolve(url.host, origin, url.port, this.#redirectedFrom);
    if (signal.aborted) return null;
    const { connectTimeoutMs: timeoutMs, caPem } = settings;
    const dialled = await dial({
      target: dialTarget(url),
      addresses,
      caPem,
      timeoutMs,
      nowMs,
      signal,
      createReads: createSourceReads,
    });
    if (!signal.aborted) return dialled;
    dialled.socket.destroy();
    return null;
  }

  #openSession({ url, auth, isRedirected }: Target, { socket, reads, address }: Dialled<SourceReads>): void {
    const { settings, origin, mayRest, onBeat, nowMs, log } = this.#source;
    const { backoff, hints, patience } = this.#history;
    patience.newSession();
    this.#address = address;
    let hasBegun = false;
    const begin = (): void => {
      if (!hasBegun) this.#events.onSession();
      hasBegun = true;
    };
    this.#session = openRtmpSession({
      socket,
      reads,
      settings,
      mayRest,
      onBeat,
      nowMs,
      patience,
      client: {
        url,
        auth,
        ...hints.current,
        bufferLengthMs: settings.bufferLengthMs,
        maxMessageBytes: settings.maxMessageBytes,
        isNode: origin === 'edge',
        random: randomBytes(handshakeRandomBytes),
        clientNonce: randomBytes(4).toString('hex'),
      },
      onAccepted: () => {
        begin();
        this.#isAccepted = true;
        this.#events.onAccepted(address, null);
      },
      onMedia: (message) => {
        begin();
        if (message.track !== 'data') {
          hints.worked();
          patience.media(message.timestampMs, nowMs());
          backoff.media(nowMs());
        }
        this.#events.onMedia(message);
      },
      onTold: this.#events.onTold,
      onSkipped: (skipped) => {
        if (this.#lines.take('', nowMs())) log('warn', 'source.messagesSkipped', { skipped });
      },
      onEnd: (end) => this.#sessionEnded({ url, auth, isRedirected }, end),
    });
  }

  #sessionEnded(target: Target, end: SessionEnd): void {
    const address = this.#address;
    this.#retire();
    switch (end.kind) {
      case 'redirect':
        this.#redirectedFrom ??= { address, port: target.url.port };
        this.#follow(end.url);
        break;
      case 'authenticate':
        this.#authSteps += 1;
        if (this.#authSteps <= maxAuthSteps) void this.#attempt({ ...target, auth: end.auth });
        else this.#lose('source.notAuthorised', 'it asks for credentials again and again');
        break;
      case 'lost':
        this.#history.hints.failed(end.reason, end.waitingFor);
        this.#history.patience.failed(end.reason);
        this.#lose(end.reason, end.detail);
    }
  }

  #follow(url: RtmpUrl): void {
    const { nowMs, log } = this.#source;
    if (this.#history.backoff.isStable(nowMs())) this.#redirects = 0;
    this.#redirects += 1;
    this.#authSteps = 0;
    if (this.#redirects > maxRedirects) {
      this.#lose('source.rejected', `more than ${maxRedirects} redirects`);
      return;
    }
    log('info', 'source.redirected', { host: url.host, port: url.port });
    if (this.#isAccepted) this.#events.onMoving();
    this.#isAccepted = false;
    void this.#attempt({ url, auth: null, isRedirected: true });
  }

  /** The session counts no longer. */
  #retire(): RtmpSession | null {
    const last = this.#session;
    this.#history.receivedBytes += last?.receivedBytes ?? 0;
    this.#history.skipped += last?.skipped ?? 0;
    this.#session = null;
    return last;
  }

  #lose(reason: ErrorCode, detail: string): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    noteLoss(this.#history, reason, this.#source.nowMs());
    this.#events.onLost(reason, detail);
  }
}
