/** WebRTC by WHEP, with what our server adds to it: events of the session, and reports of how it plays. */
import type { HttpRefusal } from '../http-refusal.js';
import { createStatsReader, type PlaybackStats, receivedBytes } from '../playback-stats.js';
import { openSession, type WhepSession } from '../whep-session.js';
import { whenForgotten } from './session-watch.js';
import { listenTo } from './stream-event.js';
import { createTelemetry } from './telemetry.js';
import type { Playback, PlayRequest, Transport } from './transport.js';

/** ICE and DTLS take some five round trips; then the next way is tried. */
const connectTimeoutMs = 6000;

export const webrtc: Transport = {
  name: 'webrtc',
  isPossible: () => 'RTCPeerConnection' in globalThis,
  async open({ endpoint, token, video, tellsServer, signal, onEvent }: PlayRequest): Promise<Playback> {
    const askedMs = performance.now();
    let firstFrameMs: number | null = null;
    const onFirstFrame = (): void => {
      firstFrameMs = performance.now() - askedMs;
    };
    video.addEventListener('loadeddata', onFirstFrame, { once: true, signal });
    const life = new AbortController();
    signal.addEventListener('abort', () => life.abort());
    const told = createListening({ token, signal: life.signal, onEvent });
    const opening = openSession({ endpoint, token, signal: life.signal }, connectTimeoutMs, (stream, address) => {
      video.srcObject = stream;
      told.listen(new URL(`${address.href}/events`));
    });
    let session: WhepSession;
    try {
      // A server whose thread died in the handshake says so at once; the browser would wait for its time.
      session = await Promise.race([opening, told.ended.then((refusal) => Promise.reject(refusal))]);
    } catch (error) {
      life.abort();
      throw error;
    }
    const readStats = createStatsReader();
    const telemetry = createTelemetry({
      session: session.address,
      token,
      isOn: tellsServer,
      firstFrameMs: () => firstFrameMs,
      signal: life.signal,
    });
    const forgotten = whenForgotten({
      session: session.address,
      receivedBytes: () => receivedBytes(session.connection),
      signal: life.signal,
    });
    return {
      ended: Promise.race([session.ended, forgotten, told.ended.then(({ message }) => message)]),
      async readStats(): Promise<PlaybackStats | null> {
        const stats = await readStats(session.connection, telemetry.serverNowMs());
        if (stats !== null) telemetry.take(stats);
        return stats;
      },
      receivedBytes: () => receivedBytes(session.connection),
      close() {
        life.abort();
        session.close();
      },
    };
  },
};

interface Listening {
  /** In place of what was listened to before. */
  listen(events: URL): void;
  /** Resolves when the server says that the session is over. */
  readonly ended: Promise<HttpRefusal>;
}

function createListening({ token, signal, onEvent }: Pick<PlayRequest, 'token' | 'signal' | 'onEvent'>): Listening {
  let current = new AbortController();
  let end: (refusal: HttpRefusal) => void;
  const ended = new Promise<HttpRefusal>((resolve) => {
    end = resolve;
  });
  signal.addEventListener('abort', () => current.abort());
  return {
    ended,
    async listen(events) {
      current.abort();
      current = new AbortController();
      const { signal: here } = current;
      const refusal = await listenTo({ events, token, signal: here, onEvent });
      if (refusal !== null && !here.aborted) end(refusal);
    },
  };
}
