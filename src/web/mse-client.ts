/**
 * A player of /mse/{name} for any page: fragmented MP4 over a WebSocket into Media Source Extensions. It plays where WebRTC
 * cannot connect, and what WebRTC cannot carry (B-frames). It stays at the live edge, and connects again until `stop`.
 *
 *     import { MseClient } from './mse-client.js';
 *     const client = new MseClient({ endpoint: '/mse/demo', video: document.querySelector('video') });
 *     client.addEventListener('state', () => console.log(client.state));
 *     client.start();
 *
 * The protocol is in .github/docs/mse.md. The element should be `muted`, `autoplay` and `playsinline`.
 */

export type MseState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'playing' }
  /** Lost, or refused for now: tries again after `retryInMs`. */
  | { readonly phase: 'waiting'; readonly reason: string; readonly retryInMs: number }
  /** This browser cannot play the stream; not tried again before the next `start`. */
  | { readonly phase: 'failed'; readonly reason: string };

interface MseClientOptions {
  /** The endpoint: a ws:, wss:, http: or https: address, or a path such as `/mse/{percent-encoded name}`. */
  readonly endpoint: string | URL;
  readonly video: HTMLVideoElement;
  /** How far behind the newest frame it plays at least. It grows where the network is unsteady. Default 60. */
  readonly bufferMs?: number;
  /** Pause before the first retry; doubled for each further one, up to 10 s. Default 500. */
  readonly retryFirstMs?: number;
}

const retryMaxMs = 10_000;
/** After each time that the element ran dry it plays this much later, up to the most. */
const bufferStepMs = 60;
const bufferMostMs = 1000;
/** More than this behind what is wanted: jump. Less: play a little faster. */
const jumpMs = 1000;
const fasterBy = 1.08;
/** What has been played is kept for so long, in seconds. */
const keptBehindS = 10;

/** What the server says before it sends: what follows, or why nothing does. */
interface Said {
  readonly type: string;
  readonly value: string;
}

/** Fires the event `state` whenever `state` has changed. */
export class MseClient extends EventTarget {
  readonly #options: MseClientOptions;
  #state: MseState = { phase: 'idle' };
  #running: AbortController | undefined;

  constructor(options: MseClientOptions) {
    super();
    this.#options = options;
  }

  get state(): MseState {
    return this.#state;
  }

  /** Plays until `stop`. Does nothing when it has been started already. */
  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    void this.#run(running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#become({ phase: 'idle' });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { endpoint, video, bufferMs = 60, retryFirstMs = 500 } = this.#options;
    const url = new URL(endpoint, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    for (let pauseMs = retryFirstMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
      this.#become({ phase: 'connecting' });
      const onPlaying = (): void => {
        pauseMs = retryFirstMs;
        this.#become({ phase: 'playing' });
      };
      const lost = await play({ url, video, bufferMs, signal, onPlaying });
      if (signal.aborted) return;
      if (lost.isFinal) {
        this.#running = undefined;
        this.#become({ phase: 'failed', reason: lost.reason });
        return;
      }
      // Jitter: the players of a server that went down must not all come back at the same moment.
      const retryInMs = pauseMs * (0.75 + Math.random() / 2);
      this.#become({ phase: 'waiting', reason: lost.reason, retryInMs });
      await new Promise((resolve) => setTimeout(resolve, retryInMs));
    }
  }

  #become(state: MseState): void {
    if (this.#state.phase === 'playing' && state.phase === 'playing') return;
    this.#state = state;
    this.dispatchEvent(new Event('state'));
  }
}

interface PlayOptions {
  readonly url: URL;
  readonly video: HTMLVideoElement;
  readonly bufferMs: number;
  readonly signal: AbortSignal;
  readonly onPlaying: () => void;
}

interface Lost {
  readonly reason: string;
  readonly isFinal: boolean;
}

/** One connection, until it is lost. */
async function play({ url, video, bufferMs, signal, onPlaying }: PlayOptions): Promise<Lost> {
  const over = new AbortController();
  const end = (reason: string, isFinal = false): void => over.abort({ reason, isFinal } satisfies Lost);
  signal.addEventListener('abort', () => end('stopped'), { signal: over.signal });
  const source = new MediaSource();
  const address = URL.createObjectURL(source);
  video.src = address;
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }));
  const appender = createAppender(source, video, end);
  const edge = createEdge(video, bufferMs, over.signal);
  video.addEventListener('playing', onPlaying, { signal: over.signal });
  video.addEventListener('error', () => end(video.error?.message ?? 'the element failed'), { signal: over.signal });

  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  let reason = 'the connection was lost';
  socket.addEventListener('message', ({ data }) => {
    if (over.signal.aborted) return;
    if (typeof data !== 'string') {
      appender.append(data);
      edge.follow();
      return;
    }
    const said: Said = JSON.parse(data);
    if (said.type === 'error') reason = said.value;
    else if (said.type === 'mse' && !MediaSource.isTypeSupported(said.value))
      end(`this browser does not play ${said.value}`, true);
    else if (said.type === 'mse') appender.use(said.value);
  });
  socket.addEventListener('close', () => end(reason));
  const lost = await new Promise<Lost>((resolve) => {
    const settle = (): void => resolve(over.signal.reason);
    if (over.signal.aborted) settle();
    over.signal.addEventListener('abort', settle);
  });
  socket.close();
  URL.revokeObjectURL(address);
  return lost;
}

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
  let bufferMs = leastMs;
  let hasBegun = false;
  const onDry = (): void => {
    if (hasBegun) bufferMs = Math.min(bufferMs + bufferStepMs, bufferMostMs);
  };
  video.addEventListener('waiting', onDry, { signal });

  return {
    follow(): void {
      const { buffered } = video;
      if (buffered.length === 0) return;
      const last = buffered.length - 1;
      const [start, end] = [buffered.start(last), buffered.end(last)];
      const behindMs = (end - video.currentTime) * 1000;
      if (!hasBegun || video.currentTime < start || behindMs > bufferMs + jumpMs) {
        video.currentTime = Math.max(start, end - bufferMs / 1000);
        hasBegun = true;
        // A page that may not play aloud says so by its element.
        video.play().catch(() => {});
      } else video.playbackRate = behindMs > bufferMs * 2 ? fasterBy : 1;
    },
  };
}
