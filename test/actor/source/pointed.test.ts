import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { freePort } from '../../support/server/free-port.js';
import { startRefusingServer } from '../../support/source/play-server.js';
import { playServer, pullFrom, settings } from '../../support/source/pulling.js';

const keyOf = (source: number) => Buffer.of(0x17, 1, 0, 0, 0, source);

test('what it was taken from is closed, and of it nothing more is passed on; the other is dialled at once', async (t) => {
  const [first, second] = [await playServer(t), await playServer(t)];
  first.showsVideo(keyOf(1));
  second.showsVideo(keyOf(2));
  const slow = { ...settings, reconnectFirstMs: 60_000, reconnectMaxMs: 60_000 };
  const { pull, events, bodies, seen } = pullFrom(t, first.uri, { settings: slow });
  pull.start();
  await seen(/^video$/, 2);
  const left = once([...first.sockets][0] ?? assert.fail('nobody plays'), 'close');
  // On its way while it is closed.
  first.frame(40, keyOf(1));
  const before = bodies.length;
  pull.pointTo({ uris: [second.uri], origin: 'edge' });
  await left;
  await seen(/^video$/, 4);
  assert.equal(
    bodies.slice(before).some((body) => body[0] === 0x17 && body[1] === 1 && body[5] === 1),
    false,
  );
  assert.deepEqual(events.slice(-6), ['PENDING source.moving', 'session', 'CONNECTED', 'video', 'audio', 'video']);
  assert.equal(pull.stats.reconnects, 1);
});

test('it is pointed elsewhere while it waits to dial again, and after it was given up', async (t) => {
  const second = await playServer(t);
  second.showsVideo(keyOf(2));
  const slow = { ...settings, reconnectFirstMs: 60_000, reconnectMaxMs: 60_000 };
  const waiting = pullFrom(t, `rtmp://127.0.0.1:${await freePort()}/live/cam`, { settings: slow });
  waiting.pull.start();
  await waiting.seen(/^PENDING source\.refused/);
  waiting.pull.pointTo({ uris: [second.uri], origin: 'edge' });
  await waiting.seen(/^video$/);

  const refusing = await startRefusingServer(() => ({
    code: 'NetConnection.Connect.Rejected',
    description: 'authmod=adobe',
  }));
  t.after(() => refusing.close());
  const given = pullFrom(t, `rtmp://127.0.0.1:${refusing.port}/live/cam`);
  given.pull.start();
  await given.seen(/^FAILED/);
  given.pull.pointTo({ uris: [second.uri], origin: 'edge' });
  await given.seen(/^video$/);
});

test('another node is never given up, whatever its reason', async (t) => {
  const refusing = await startRefusingServer(() => ({
    code: 'NetConnection.Connect.Rejected',
    description: 'authmod=adobe',
  }));
  t.after(() => refusing.close());
  const { pull, events } = pullFrom(t, `rtmp://127.0.0.1:${refusing.port}/cluster/key`, { origin: 'edge' });
  pull.start();
  while (pull.stats.reconnects < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(
    events.some((event) => event.startsWith('FAILED')),
    false,
  );
});
