/** The port of RTMP players, on real sockets: strangers who say nothing hold up nobody else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { settingsSchema } from '../../../src/config/schema.js';
import { SluiceError } from '../../../src/errors.js';
import { startRtmpListener } from '../../../src/rtmp-out/listener.js';
import { freePort } from '../../support/server/free-port.js';
import { until, within } from '../../support/until.js';

const maxWaiting = 50;

test('a client has a tenth of the places of those who have not asked yet', async (t) => {
  const port = await freePort();
  const settings = settingsSchema.parse({ server: { host: '127.0.0.1' }, rtmpOut: { port, maxWaiting } });
  const refused: unknown[] = [];
  const noStream = (): never => {
    throw new SluiceError('stream.notFound');
  };
  const listener = await startRtmpListener({
    settings,
    gate: { glance: async () => {} },
    streams: { addPlayer: async () => noStream() },
    links: null,
    log: (_level, event, fields) => {
      if (event === 'rtmpOut.refused') refused.push(fields);
    },
  });
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await listener.close();
  });
  const open = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const crowd = await Promise.all(Array.from({ length: 200 }, () => open('127.0.0.3')));
  for (const socket of crowd) socket.resume();
  await until('all but a tenth are refused', () => crowd.filter(({ closed }) => closed).length >= 195);
  assert.equal(crowd.filter(({ closed }) => !closed).length, maxWaiting / 10);
  assert.ok(refused.length > 0 && refused.length <= 25, `${refused.length} lines of log`);

  const player = await open('127.0.0.2');
  player.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536)]));
  const [answer]: Buffer[] = await within('its handshake is answered', once(player, 'data'), 5000);
  assert.equal(answer?.[0], 3);
});
