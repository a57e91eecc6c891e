import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { SluiceError } from '../../../src/errors.js';
import { join, openStage, withEachReceiver } from '../../support/fanout/endpoint-stage.js';

test('takes no more than its send queue holds', async () => {
  const stage = await openStage({ sendQueueBytes: 4096 });
  const { client, transport } = await join(stage, 'a');
  after(() => client.close());
  const taken = Array.from({ length: 8 }, () => transport.send(Buffer.alloc(1000, 0x80)));
  assert.deepEqual(taken, [true, true, true, true, false, false, false, false]);
  assert.equal(stage.endpoint.queuedBytes(), 4000);
  await stage.endpoint.close();
  assert.equal(stage.endpoint.queuedBytes(), 0);
});

withEachReceiver('a datagram that the kernel refuses hurts nobody', async (open) => {
  const stage = await open();
  const { client, transport, credentials } = await join(stage, 'a');
  after(() => client.close());
  transport.send(Buffer.alloc(70_000, 0x80));
  transport.send(Buffer.from([0x80, 96]));
  await client.check(credentials);
  assert.equal(client.media.length, 1);
  await stage.endpoint.close();
});

withEachReceiver('steps over ports that are taken, and says so when none is left', async (open) => {
  const blocker = createSocket('udp4').bind(0, '127.0.0.1');
  await once(blocker, 'listening');
  after(() => blocker.close());
  const { port } = blocker.address();
  await assert.rejects(open({ portMin: port, portMax: port }), (error) => {
    assert.ok(error instanceof SluiceError);
    assert.equal(error.code, 'viewer.limit');
    assert.match(error.message, /webrtc\.portMin.*webrtc\.portMax/);
    return true;
  });
  const [low, high] = port < 65_000 ? [port, port + 20] : [port - 20, port];
  const stages = await Promise.all(Array.from({ length: 5 }, () => open({ portMin: low, portMax: high })));
  const ports = stages.map((stage) => stage.port);
  assert.equal(new Set([...ports, port]).size, 6);
  for (const stage of stages) await stage.endpoint.close();
});

withEachReceiver('names the address that it cannot listen on', async (open) => {
  await assert.rejects(open({ listen: ['127.0.0.1', '192.0.2.77'] }), /webrtc\.listen: the address 192\.0\.2\.77/);
});

withEachReceiver('gives viewers the announced addresses with the port that is bound', async (open) => {
  const stage = await open({ announce: ['198.51.100.7', '2001:db8::7'] });
  const [first, second] = stage.endpoint.candidates;
  assert.deepEqual([first?.address, second?.address], ['198.51.100.7', '2001:db8::7']);
  assert.ok(first !== undefined && second !== undefined && first.priority > second.priority);
  assert.equal(first.port, second.port);
  await stage.endpoint.close();
});
