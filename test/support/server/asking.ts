/** HTTP over connections that stay: what is timed is the server, not the dialling of it. */
import { Agent, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly header: (name: string) => string;
}

export interface Asking {
  get(path: string): Promise<Reply>;
  post(path: string, type: string, body: string): Promise<Reply>;
  remove(path: string): Promise<Reply>;
  close(): void;
}

/** A connection that nobody used for so long is closed here, before the server does: uWebSockets.js waits 10 s. */
const idleMs = 5000;

/** `origin`: "http://127.0.0.1:8081", for example. `localAddress`: the one to connect from. */
export function askAt(origin: string, localAddress?: string): Asking {
  const agent = new Agent({ keepAlive: true, timeout: idleMs, localAddress });
  const ask = (method: string, path: string, type: string, body: string): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const headers = body === '' ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
      const sent = request(`${origin}${path}`, { method, agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString(),
            header: (name) => String(response.headers[name] ?? ''),
          }),
        );
      });
      sent.once('error', reject).end(body);
    });
  return {
    get: (path) => ask('GET', path, '', ''),
    remove: (path) => ask('DELETE', path, '', ''),
    post: (path, type, body) => ask('POST', path, type, body),
    close: () => agent.destroy(),
  };
}
