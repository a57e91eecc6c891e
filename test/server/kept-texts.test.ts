/** What is kept of the texts of strangers for as long as their sessions. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { keptNowBytes } from '../support/kept-memory.js';
import { offer, startStage } from './stage.js';

/** The least of three: V8 gives buffers back in its own time, and what is kept is kept each time. */
async function keptOfEach(open: (count: number) => Promise<void>): Promise<number> {
  await open(10);
  const rounds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = await keptNowBytes();
    await open(60);
    rounds.push(((await keptNowBytes()) - before) / 60);
  }
  return Math.min(...rounds);
}

test('of an offer as long as there may be its session keeps next to nothing', async (t) => {
  const stage = await startStage();
  t.after(() => stage.end());
  // Of a part of 13 characters or more V8 keeps the whole.
  const ufrag = offer().replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${'u'.repeat(256)}`);
  const long = `${ufrag}${`a=x:${'x'.repeat(996)}\r\n`.repeat(115)}`;
  const sessions = async (count: number): Promise<void> => {
    const ask = { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: long };
    for (let n = 0; n < count; n += 1) assert.equal((await stage.ask('/whep/cam', ask)).status, 201);
    stage.streams.viewed.splice(0);
  };
  const eachBytes = await keptOfEach(sessions);
  assert.ok(eachBytes < long.length / 4, `${Math.round(eachBytes)} bytes for each of ${long.length}`);
});

test('of a long head a signalling socket keeps what is short', async (t) => {
  const stage = await startStage();
  t.after(() => stage.end());
  // uWebSockets.js takes 4 kB; its copy for Node 20 takes a hundred.
  const long = 'x'.repeat(process.versions.node.startsWith('20.') ? 60_000 : 3000);
  const sockets: Socket[] = [];
  const open = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const socket = connect({ host: '127.0.0.1', port: stage.server.wsPort, localAddress: '127.0.0.2' });
      sockets.push(socket);
      const head = `Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nUser-Agent: ${long}${n}\r\n`;
      socket.write(
        `GET / HTTP/1.1\r\n${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
      );
      await once(socket, 'data');
    }
  };
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const eachBytes = await keptOfEach(open);
  assert.ok(eachBytes < 20_000, `${Math.round(eachBytes)} bytes each`);
});
