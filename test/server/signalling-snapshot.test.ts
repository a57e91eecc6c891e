import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openWebSocket, type WebSocketClient } from '../support/server/websocket-client.js';
import { within } from '../support/until.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;
let socket: WebSocketClient;

beforeEach(async () => {
  stage = await startStage();
  socket = await openWebSocket(stage.signalling);
});
afterEach(() => stage.end());

const ask = (mediaSessionId: string, name = 'cam'): void =>
  socket.sendJson({ message: 'snapshot', data: [{ mediaSessionId, name }] });

async function event(): Promise<{ mediaSessionId: string; type: string; payload: unknown }> {
  const [data] = (await socket.nextMessage('notifyStreamEvent')).data;
  return Object(data);
}

test('a snapshot comes over the socket, of a stream that is not played too', async () => {
  ask('m');
  const snapshot = Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64');
  assert.deepEqual(await event(), { mediaSessionId: 'm', type: 'snapshotCompleted', payload: { snapshot } });
  ask('n', 'nobody');
  const payload = { info: 'Stream not found' };
  assert.deepEqual(await event(), { mediaSessionId: 'n', type: 'snapshotFailed', payload });
});

test('a long snapshot waits for a slow reader, another is refused meanwhile, and the socket lives', async () => {
  const long = new Uint8Array(9_000_000);
  let taken = (): void => {};
  const isTaken = new Promise<void>((resolve) => {
    taken = resolve;
  });
  stage.streams.snapshot = async () => {
    taken();
    return { tag: 'long', bytes: async () => long };
  };
  socket.pause();
  ask('first');
  await within('the first is taken', isTaken, 5000);
  ask('second');
  socket.sendJson({ message: 'ping', data: [null] });
  socket.resume();
  const [first, second] = [await event(), await event()];
  assert.deepEqual([first.mediaSessionId, first.type], ['first', 'snapshotCompleted']);
  assert.equal(Object(first.payload).snapshot.length, 12_000_000);
  assert.deepEqual([second.mediaSessionId, second.type], ['second', 'snapshotFailed']);
  await socket.nextMessage('pong');
  ask('third');
  assert.equal((await event()).type, 'snapshotCompleted');
});

test('snapshots of one client address are limited', async () => {
  for (let n = 0; n < 31; n += 1) ask('m');
  const types: string[] = [];
  for (let n = 0; n < 31; n += 1) types.push((await event()).type);
  assert.equal(types.filter((type) => type === 'snapshotFailed').length, 1);
});
