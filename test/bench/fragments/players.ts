/** Players that read and forget: their own work is next to nothing. */
import { randomBytes } from 'node:crypto';
import { Agent, get, request } from 'node:http';

export interface Players {
  receivedBytes(): number;
  close(): Promise<void>;
}

export async function openMsePlayers(rest: string, name: string, count: number): Promise<Players> {
  let bytes = 0;
  const open = (): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const asked = request(`${rest}/mse/${name}`, {
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        },
      });
      asked.once('upgrade', (_response, socket) => {
        socket.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        resolve(() => socket.destroy());
      });
      asked.once('response', ({ statusCode }) => reject(new Error(`status ${statusCode}`)));
      asked.once('error', reject);
      asked.end();
    });
  const ends = await Promise.all(Array.from({ length: count }, open));
  return {
    receivedBytes: () => bytes,
    async close() {
      for (const end of ends) end();
    },
  };
}

/** Each asks for the list when it has the next part, and then for that part: as a player at low latency does. */
export async function openHlsPlayers(rest: string, name: string, count: number): Promise<Players> {
  let bytes = 0;
  let isOver = false;
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const base = `${rest}/hls/${name}/`;
  const fetchText = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get(`${base}${path}`, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
        });
        response.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
      }).on('error', reject);
    });
  const play = async (): Promise<void> => {
    let query = '';
    while (!isOver) {
      const list = await fetchText(`index.m3u8${query}`);
      const [, hint = '', msn, part] = /PRELOAD-HINT:TYPE=PART,URI="([^"]*-(\d+)\.(\d+)\.m4s)"/.exec(list) ?? [];
      if (msn === undefined) return;
      query = `?_HLS_msn=${msn}&_HLS_part=${part}`;
      await fetchText(hint);
    }
  };
  const playing = Array.from({ length: count }, () => play().catch(() => {}));
  return {
    receivedBytes: () => bytes,
    async close() {
      isOver = true;
      await Promise.all(playing);
      agent.destroy();
    },
  };
}
