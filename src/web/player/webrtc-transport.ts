/** WebRTC by WHEP, with what our server adds to it: events of the session, and reports of how it plays. */
import { createStatsReader, type PlaybackStats, receivedBytes } from '../playback-stats.js';
import { openSession } from '../whep-session.js';
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
    const session = await openSession({ endpoint, token, signal }, connectTimeoutMs, (stream) => {
      video.srcObject = stream;
    });
    const life = new AbortController();
    signal.addEventListener('abort', () => life.abort());
    const readStats = createStatsReader();
    const telemetry = createTelemetry({
      session: session.address,
      token,
      isOn: tellsServer,
      firstFrameMs: () => firstFrameMs,
      signal: life.signal,
    });
    const events = new URL(`${session.address.href}/events`);
    void listenTo({ events, token, signal: life.signal, onEvent });
    const forgotten = whenForgotten({
      session: session.address,
      receivedBytes: () => receivedBytes(session.connection),
      signal: life.signal,
    });
    return {
      ended: Promise.race([session.ended, forgotten]),
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
