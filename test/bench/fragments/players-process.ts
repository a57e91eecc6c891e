/** The process of players.ts: players that read and forget, and some whose frames are looked at. */
import { randomBytes } from 'node:crypto';
import { Agent, get, request } from 'node:http';
import { quantile } from '../report.js';
import type { PlayersOrder, PlayersResult } from './players.js';

/** Of so many players the age of frames is read (test/support/source/frame-mark.ts). */
const watched = 10;

let [bytes, ended] = [0, 0];
let agesMs: number[] = [];

/** In the last bytes of each frame; one that two chunks share is not found. */
function readMarks(chunk: Buffer): void {
  const nowNs = process.hrtime.bigint();
  for (let at = chunk.indexOf('a55a', 0, 'hex'); at !== -1; at = chunk.indexOf('a55a', at + 1, 'hex')) {
    const mark = chunk.subarray(at, at + 16);
    if (mark.length < 16 || mark.subarray(2).some((byte) => byte < 0x80)) continue;
    const sentNs = mark.subarray(6, 15).reduce((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);
    agesMs.push(Number(nowNs - sentNs) / 1e6);
  }
}

function openMse(rest: string, name: string, isWatched: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
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
        if (isWatched) readMarks(chunk);
      });
      socket.on('close', () => {
        ended += 1;
      });
      resolve();
    });
    asked.once('response', ({ statusCode }) => reject(new Error(`status ${statusCode}`)));
    asked.once('error', reject);
    asked.end();
  });
}

/** Asks for the list when it has the next part, and then for that part: as a player at low latency does. */
async function playHls(base: string, agent: Agent, isWatched: boolean): Promise<void> {
  const session = randomBytes(16).toString('hex');
  const fetchText = (path: string, isMedia: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      get(`${base}${path}`, { agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
        });
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          if (isMedia && isWatched) readMarks(body);
          resolve(isMedia ? '' : body.toString('latin1'));
        });
      }).on('error', reject);
    });
  let query = '';
  for (;;) {
    const list = await fetchText(`media.m3u8?session=${session}${query}`, false);
    const [, hint = '', msn, part] = /PRELOAD-HINT:TYPE=PART,URI="([^"]*-(\d+)\.(\d+)\.m4s)"/.exec(list) ?? [];
    if (msn === undefined) return;
    query = `&_HLS_msn=${msn}&_HLS_part=${part}`;
    await fetchText(hint, true);
  }
}

async function open({ kind, rest, name, count }: Extract<PlayersOrder, { readonly do: 'open' }>): Promise<void> {
  if (kind === 'mse') {
    await Promise.all(Array.from({ length: count }, (_, n) => openMse(rest, name, n < watched)));
    return;
  }
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  for (let n = 0; n < count; n += 1) {
    const over = (): void => {
      ended += 1;
    };
    void playHls(`${rest}/hls/${name}/`, agent, n < watched).then(over, over);
  }
}

function result(): PlayersResult {
  const sorted = agesMs.sort((one, other) => one - other);
  return { bytes, ended, frames: sorted.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

process.on('message', (order: PlayersOrder) => {
  if (order.do === 'open') void open(order).then(() => process.send?.('open'));
  else if (order.do === 'measure') [bytes, ended, agesMs] = [0, 0, []];
  else process.send?.(result());
});
