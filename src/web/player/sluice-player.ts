/**
 * `<sluice-player src="https://host/whep/name">`: a live player in one file, for any page (docs/player.md).
 *
 *     <script type="module" src="https://host/sluice-player.js"></script>
 *     <sluice-player src="camera1"></sluice-player>
 *
 * Attributes: `src`, `servers`, `token`, `poster`, `qualities`; `autoplay`, `telemetry` and `controls`, each `off` or not; `timeshift`. Methods:
 * `play`, `stop`, `shiftTo`.
 * Events: `state`, `stats`, `data`, `warning`, `alerts`.
 */

import type { PlayState } from '../play-loop.js';
import type { PlaybackStats } from '../playback-stats.js';
import { withToken } from '../token.js';
import { startPlayback } from './playback.js';
import { createPlayerView, type PlayerView } from './player-view.js';
import { readQualities } from './qualities.js';
import { createServers } from './servers.js';
import { createShift, type Shift } from './shift.js';
import { readAddress } from './stream-address.js';
import type { StreamAlert, StreamEvent } from './transport.js';

export type { PlaybackStats, PlayState, StreamAlert };

export interface SluicePlayerEvents {
  /** `detail`: the new value of `state`. */
  readonly state: CustomEvent<PlayState>;
  /** `detail`: the new value of `stats`, once a second while it plays. */
  readonly stats: CustomEvent<PlaybackStats>;
  /**
   * What the source says beside audio and video: the name of its AMF data message (`onTextData`, `onCuePoint`, its own), the values behind it
   * as JSON has them, and when, in ms of the source's clock.
   */
  readonly data: CustomEvent<{
    readonly name: string;
    readonly values: readonly unknown[];
    readonly timestampMs: number;
  }>;
  /** `detail`: in words why the source is away; null: it is back. */
  readonly warning: CustomEvent<string | null>;
  /** `detail`: all that is wrong with the stream now (docs/diagnosis.md); empty: nothing any more. */
  readonly alerts: CustomEvent<readonly StreamAlert[]>;
}

export class SluicePlayer extends HTMLElement {
  static readonly observedAttributes = ['src', 'servers', 'token', 'poster', 'qualities', 'controls', 'timeshift'];

  readonly #view: PlayerView;
  #state: PlayState = { phase: 'idle' };
  #stats: PlaybackStats | null = null;
  #stop: (() => void) | undefined;
  #quality = 0;
  readonly #shift: Shift;
  #leaving: AbortController | undefined;

  constructor() {
    super();
    this.#view = createPlayerView(this.attachShadow({ mode: 'open' }), {
      play: () => this.play(),
      stop: () => this.stop(),
      chooseQuality: (index) => this.#choose(index),
      shiftTo: (behindMs) => this.shiftTo(behindMs),
    });
    this.#shift = createShift(this.video, (depthMs, behindMs) => this.#view.showShift(depthMs, behindMs));
    this.#view.show(this.#state);
  }

  /** The attribute, else that of a signed address. */
  get #token(): string | undefined {
    return this.getAttribute('token') ?? this.#address?.endpoint.searchParams.get('token') ?? undefined;
  }

  get #address(): ReturnType<typeof readAddress> {
    return readAddress(this.getAttribute('src') ?? '', this.getAttribute('servers') ?? '', this.baseURI);
  }

  /**
   * `idle` before `play` and after `stop`, `connecting`, `playing`; `waiting` with `reason` and `retryInMs`, 375 to 12,500 (or what the server
   * asks for by Retry-After), when it was refused for now or was cut off; `failed` with `reason`, a text, when it was refused and is not tried again.
   */
  get state(): PlayState {
    return this.#state;
  }

  /** Of the last second: kbit/s, ms, loss and the like, each with its unit in its name; null while nothing plays. */
  get stats(): PlaybackStats | null {
    return this.#stats;
  }

  /** For what this class has no word for: volume, recording of its stream and the like. */
  get video(): HTMLVideoElement {
    return this.#view.video;
  }

  /** How far behind the live edge it plays, in ms, 0 to `depthMs`; 0: live. */
  get behindMs(): number {
    return this.#shift.behindMs;
  }

  /** How far back there is to go, in ms; 0 without `timeshift`. */
  get depthMs(): number {
    return this.#shift.depthMs;
  }

  /**
   * Plays from so far behind the live edge on, by HLS; 0: live again, by WebRTC. More than `depthMs` is as far back as there is to go. Does
   * nothing without the attribute `timeshift`.
   */
  shiftTo(behindMs: number): void {
    if (!this.#isShiftable) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#shift.begin(behindMs);
    this.play();
  }

  /**
   * Plays until `stop`, and connects again whenever it is cut off. Throws nothing: what is wrong, as a `src` that names no stream, is told
   * by `state`. Does nothing while it plays.
   */
  play(): void {
    if (this.#stop !== undefined) return;
    const address = this.#address;
    if (address === null) {
      this.#become({ phase: 'failed', reason: 'The player names no stream: src is empty' });
      return;
    }
    const { wish = {} } = readQualities(this.getAttribute('qualities') ?? '')[this.#quality] ?? {};
    for (const endpoint of [address.endpoint, ...address.others]) {
      for (const [name, value] of Object.entries(wish)) endpoint.searchParams.set(name, value);
    }
    const servers = createServers([address.endpoint, ...address.others]);
    const token = this.#token;
    const asked = {
      get endpoint() {
        return servers.endpoint;
      },
      token,
    };
    if (this.#isShiftable) this.#shift.watch(asked);
    this.#stop = startPlayback({
      servers,
      token,
      video: this.video,
      tellsServer: this.#isOn('telemetry'),
      behindMs: this.#shift.behindMs,
      onState: (state) => this.#become(state),
      onStats: (stats, way) => this.#measured(stats, way),
      onEvent: (event) => this.#heard(event),
    });
  }

  /** Ends the session at the server, at once; the last frame stays, and `state` is `idle`. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#stats = null;
    this.#shift.end();
    this.#become({ phase: 'idle' });
  }

  connectedCallback(): void {
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    addEventListener('pagehide', () => this.stop(), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.#begin(), { signal });
    this.#describe();
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#leaving?.abort();
    this.stop();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.isConnected || before === now) return;
    this.#describe();
    if (name === 'src') this.#quality = 0;
    if (!['src', 'servers', 'token', 'timeshift'].includes(name)) return;
    const wasPlaying = this.#stop !== undefined;
    this.stop();
    if (wasPlaying || name === 'src') this.#begin();
  }

  #begin(): void {
    if (this.#isOn('autoplay')) this.play();
  }

  #choose(index: number): void {
    this.#quality = index;
    this.stop();
    this.play();
  }

  #describe(): void {
    const address = this.#address;
    this.#view.describe({
      name: address?.name ?? '',
      poster: this.getAttribute('poster') ?? (address === null ? '' : withToken(address.poster, this.#token).href),
      qualities: readQualities(this.getAttribute('qualities') ?? ''),
      chosen: this.#quality,
      hasControls: this.#isOn('controls'),
    });
  }

  /** It costs the server something: so it must be asked for. */
  get #isShiftable(): boolean {
    return this.hasAttribute('timeshift') && this.#isOn('timeshift');
  }

  #isOn(attribute: string): boolean {
    return this.getAttribute(attribute)?.toLowerCase() !== 'off';
  }

  #become(state: PlayState): void {
    this.#state = state;
    if (state.phase === 'failed') {
      this.#stop = undefined;
      this.#shift.end();
    }
    if (state.phase === 'playing') this.#shift.playing();
    this.#view.show(state);
    this.#tell('state', state);
  }

  #measured(stats: PlaybackStats, way: string): void {
    this.#stats = stats;
    this.#shift.show();
    this.#view.showStats(stats, way);
    this.#tell('stats', stats);
  }

  #heard(event: StreamEvent): void {
    if (event.kind === 'source') {
      const words = event.lost === null ? null : `${event.lost.text}. Waiting for the source…`;
      this.#view.warn(words);
      this.#tell('warning', words);
      return;
    }
    if (event.kind === 'alerts') {
      this.#view.showAlerts(event.alerts);
      this.#tell('alerts', event.alerts);
      return;
    }
    const { name, values, timestampMs, atS } = event;
    this.#view.caption(name, values, atS);
    this.#tell('data', { name, values, timestampMs });
  }

  #tell<Name extends keyof SluicePlayerEvents>(name: Name, detail: SluicePlayerEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sluice-player': SluicePlayer;
  }
}

// A page may load it twice, from two servers.
if (customElements.get('sluice-player') === undefined) customElements.define('sluice-player', SluicePlayer);
