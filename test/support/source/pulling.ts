/** A pull under test, and a server for it to play from. */
import type { TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import type { ActorSettings } from '../../../actors/settings.js';
import { Sources, type SourcesOptions } from '../../../actors/source/sources.js';
import { createCertificate } from '../../../src/threads/certificate.js';
import { startPlayServer } from './play-server.js';

export const settings: ActorSettings['rtmp'] = {
  connectTimeoutMs: 2000,
  dialogueTimeoutMs: 2000,
  silenceTimeoutMs: 2000,
  maxSilenceTimeoutMs: 60_000,
  bufferLengthMs: 100,
  maxMessageBytes: 4_194_304,
  readPauseBytes: 65_536,
  reconnectFirstMs: 20,
  reconnectMaxMs: 100,
  failBackMs: 0,
  smoothMs: 0,
  maxTrackOffsetMs: 1500,
  caPem: '',
};
const certificate = createCertificate(Date.now());
export const loopback = [{ address: '127.0.0.1', family: 4 }] as const;

/** A pull whose events are words in one list: states, "session", and tracks. */
export function pullFrom(t: TestContext, uri: string, more: Partial<SourcesOptions> = {}) {
  const events: string[] = [];
  const lines: string[] = [];
  const bodies: Uint8Array[] = [];
  const sources: number[] = [];
  const waiting = new Set<() => void>();
  const note = (event: string): void => {
    events.push(event);
    for (const look of waiting) look();
  };
  const pull = new Sources({
    uris: [uri],
    origin: 'rest',
    wantsVideo: true,
    mayRest: () => false,
    onBeat: () => () => {},
    settings,
    nowMs: () => performance.now(),
    resolve: async () => loopback,
    certificate,
    loadReceiving: () => import('../../../actors/source/webrtc/receiving.js'),
    onState: (state, reason, detail) => note([state, reason ?? '', detail].join(' ').trim()),
    onSource: (index) => sources.push(index),
    onSession: () => note('session'),
    onTold: () => {},
    onMedia({ track, body }) {
      bodies.push(body);
      note(track);
    },
    log: (_level, event, fields) => lines.push(JSON.stringify({ event, ...fields })),
    ...more,
  });
  t.after(() => pull.stop());
  /** Resolves when the list holds as many such events. */
  const seen = (event: RegExp, count = 1): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (events.filter((one) => event.test(one)).length < count) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { pull, events, lines, bodies, sources, seen };
}

export async function playServer(t: TestContext, port = 0, tls?: TlsOptions) {
  let onPlay = (): void => {};
  const server = await startPlayServer(() => onPlay(), port, tls);
  t.after(() => server.close());
  return {
    ...server,
    uri: `rtmp://127.0.0.1:${server.port}/live/cam`,
    /** From now on every player gets a frame as soon as it is accepted. */
    showsVideo(body = Buffer.of(0x17, 1, 0, 0, 0)) {
      onPlay = () => server.frame(0, body);
    },
    /** Resolves when a player is accepted. */
    played: () => new Promise<void>((resolve) => (onPlay = resolve)),
  };
}
