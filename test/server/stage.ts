/** A server on free ports of 127.0.0.1, with scripted streams and a web folder of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Settings, settingsSchema } from '../../src/config/schema.js';
import { createLogLevels } from '../../src/log-levels.js';
import { createLogTail } from '../../src/server/log-tail.js';
import { type Server, type ServerOptions, startServer } from '../../src/server/server.js';
import { createFakeDrain } from './fake-drain.js';
import { createFakeStreams, type FakeStreams } from './fake-streams.js';

export interface ServerStage {
  readonly server: Server;
  readonly streams: FakeStreams;
  readonly rest: string;
  readonly signalling: string;
  /** The log, in order. */
  readonly logged: { readonly event: string; readonly fields: unknown }[];
  /** Like fetch, but with exactly the given headers (fetch sets Host and Origin itself). */
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** POSTs a JSON body. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Writes bytes to a TCP socket; resolves with the reply when the server closes it, or after `waitMs`. */
  raw(text: string, waitMs?: number): Promise<string>;
  end(): Promise<void>;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly json: () => Record<string, unknown>;
}

export const pageFiles = [
  ...['console.html', 'console.js', 'console.css'],
  ...['player.html', 'player.js', 'player.css', 'embed.html', 'embed.js', 'embed.css'],
  ...['two-way.html', 'two-way.js', 'icon.svg', 'whep-client.js', 'mse-client.js'],
  ...['play.html', 'play.js', 'play.css', 'sluice-player.js', 'sluice-hls.js'],
  ...['api-docs.html', 'api-docs.js', 'api-docs.css', 'swagger-ui-bundle.js', 'swagger-ui.css'],
];

export interface StageOptions
  extends Pick<ServerOptions, 'bodyTimeoutMs' | 'wrapRoutes' | 'wrapSockets' | 'revocations' | 'cluster'> {
  readonly settings?: {
    readonly server?: Partial<Settings['server']>;
    readonly control?: Partial<Settings['control']>;
    readonly viewers?: Partial<Settings['viewers']>;
    readonly hooks?: Partial<Settings['hooks']>;
    readonly fragments?: Partial<Settings['fragments']>;
    readonly playback?: Partial<Settings['playback']>;
    readonly webrtc?: Partial<Settings['webrtc']>;
  };
}

export async function startStage({ settings = {}, ...wraps }: StageOptions = {}): Promise<ServerStage> {
  const webFolder = mkdtempSync(join(tmpdir(), 'sluice-web-'));
  for (const file of pageFiles) writeFileSync(join(webFolder, file), `the text of ${file}`);
  const streams = createFakeStreams();
  const logged: ServerStage['logged'] = [];
  const anyPort = { host: '127.0.0.1', restPort: 0, wsPort: 0, restTlsPort: 0, wsTlsPort: 0 };
  const server = await startServer({
    settings: settingsSchema.parse({ ...settings, server: { ...anyPort, ...settings.server } }),
    streams,
    drain: createFakeDrain(),
    log: (_level, event, fields) => logged.push({ event, fields }),
    logTail: createLogTail(),
    logLevels: createLogLevels('info'),
    version: '9.8.7',
    commit: '0123456789ab',
    webFolder,
    ...wraps,
  });
  const port = server.restPort;
  const ask: ServerStage['ask'] = (path, given = {}) => exchange(port, path, given);
  return {
    server,
    streams,
    logged,
    rest: `http://127.0.0.1:${port}`,
    signalling: `ws://127.0.0.1:${server.wsPort}`,
    ask,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    raw: (text, waitMs = 300) => converse(port, text, waitMs),
    async end() {
      await server.close();
      rmSync(webFolder, { recursive: true });
    },
  };
}

function exchange(port: number, path: string, { method = 'GET', headers = {}, body }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sized = body === undefined ? headers : { 'Content-Length': String(Buffer.byteLength(body)), ...headers };
    const asked = request({ host: '127.0.0.1', port, path, method, headers: sized, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          json: () => JSON.parse(text),
        });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function converse(port: number, text: string, waitMs: number): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(waitMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

/** An offer of Chromium. Tests run in the root of the repository. */
export const offer = (): string => readFileSync('test/fixtures/offers/chromium-156.sdp', 'utf8');
