/**
 * A link to a source that sends by WebRTC: a WHEP endpoint, or a stream of another WCS or Sluice by its signalling. The addresses
 * of the server, of its redirects and of its candidates go through the guard behind `resolve`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { parseSourceUri } from '../../src/core/source/address.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import { type Link, type LinkEvents, noteLoss, type SourceHistory, type SourceOptions } from './link.js';
import type { WebRtcSession } from './webrtc/session.js';

/** A link that is being made, and a name that is being looked up, are left behind after this time, in ms. */
const closeTimeoutMs = 500;

export class WebRtcLink implements Link {
  readonly #source: SourceOptions;
  readonly #history: SourceHistory;
  readonly #events: LinkEvents;
  readonly #life = new AbortController();
  #session: WebRtcSession | null = null;
  #opening: Promise<void> = Promise.resolve();

  /** Dials at once. */
  constructor(source: SourceOptions, history: SourceHistory, events: LinkEvents) {
    this.#source = source;
    this.#history = history;
    this.#events = events;
    // Nothing is called before the caller has its link.
    queueMicrotask(() => {
      this.#opening = this.#open();
    });
  }

  get receivedBytes(): number {
    return this.#session?.receivedBytes ?? 0;
  }

  get skipped(): number {
    return this.#session?.lostPackets ?? 0;
  }

  /** Packets are taken as they come. */
  wake(): void {}

  async close(): Promise<void> {
    this.#life.abort();
    const session = this.#retire();
    if (session !== null) await session.close();
    else await Promise.race([this.#opening, delay(closeTimeoutMs, undefined, { ref: false })]);
  }

  refuse(reason: ErrorCode, detail: string): void {
    void this.#retire()?.close();
    this.#lose(reason, detail);
  }

  async #open(): Promise<void> {
    const { signal } = this.#life;
    if (signal.aborted) return;
    this.#history.attempts += 1;
    try {
      const address = parseSourceUri(this.#source.uri);
      if (address.kind === 'rtmp') throw new SluiceError('request.invalid', 'it is no address of WebRTC');
      const { openWebRtcSession } = await this.#source.loadReceiving();
      const { backoff, patience } = this.#history;
      const { nowMs } = this.#source;
      patience.newSession();
      const session = await openWebRtcSession({
        ...this.#source,
        address,
        patience,
        signal,
        onMedia: (message) => {
          if (signal.aborted) return;
          patience.media(message.timestampMs, nowMs());
          backoff.media(nowMs());
          this.#events.onMedia(message);
        },
        onEnd: (reason, detail) => {
          void this.#retire()?.close();
          patience.failed(reason);
          this.#lose(reason, detail);
        },
      });
      if (signal.aborted) {
        await session.close();
        return;
      }
      this.#session = session;
      this.#events.onSession();
      this.#events.onAccepted(session.address, session.remoteSessionId);
      session.begin();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof WireError) this.#lose('request.invalid', error.detail);
    else if (error instanceof SluiceError) this.#lose(error.code, error.detail);
    // A bug: the thread ends, and the supervisor starts another.
    else throw error;
  }

  /** The session counts no longer. */
  #retire(): WebRtcSession | null {
    const last = this.#session;
    this.#history.receivedBytes += last?.receivedBytes ?? 0;
    this.#history.skipped += last?.lostPackets ?? 0;
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
