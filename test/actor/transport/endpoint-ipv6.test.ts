import assert from 'node:assert/strict';
import {
  afterwards,
  hex,
  join,
  receiverReport,
  srtcpOf,
  viewerCertificate,
  withEachReceiver,
} from '../../support/fanout/endpoint-stage.js';
import { openMediaClient } from '../../support/viewer/media-client.js';

for (const tcp of [false, true]) {
  withEachReceiver(
    `connects a viewer over IPv6 by ${tcp ? 'TCP' : 'UDP'}, beside one over IPv4 on the same port number`,
    async (open) => {
      const stage = await open({ listen: ['127.0.0.1', '::1'] });
      const far = await join(stage, 'far', { address: '::1', tcp });
      const near = await join(stage, 'near', { tcp });
      afterwards(far, near);
      assert.deepEqual(await far.client.check(far.credentials), ['::1', far.client.port]);
      assert.deepEqual(await near.client.check(near.credentials), ['127.0.0.1', near.client.port]);
      const { localAddress, address, port } = far.transport.route() ?? {};
      const none = [undefined, undefined, undefined];
      assert.deepEqual([localAddress, address, port], tcp ? none : ['::1', '::1', far.client.port]);
      far.client.send(srtcpOf(far)(receiverReport));
      await stage.when(() => stage.rtcp.length > 0);
      assert.equal(far.transport.send(Buffer.from([0x80, 96, 6])), true);
      assert.equal(near.transport.send(Buffer.from([0x80, 96, 4])), true);
      await far.client.check(far.credentials);
      await near.client.check(near.credentials);
      assert.deepEqual([far.client.media.map(hex), near.client.media.map(hex)], [['806006'], ['806004']]);
      await stage.endpoint.close();
    },
  );
}

withEachReceiver('a viewer that goes from IPv6 to IPv4 is followed', async (open) => {
  const stage = await open({ listen: ['127.0.0.1', '::1'] });
  const guest = await join(stage, 'a', { address: '::1' });
  const { client, transport, credentials } = guest;
  const moved = { client: await openMediaClient({ port: stage.port, certificate: viewerCertificate }) };
  afterwards({ client }, moved);
  assert.equal(transport.route()?.address, '::1');
  // The other socket proves to be the viewer's too, and is heard from.
  await moved.client.check(credentials);
  assert.equal(transport.route()?.address, '::1');
  moved.client.send(srtcpOf(guest)(receiverReport));
  await stage.when(() => stage.rtcp.length > 0);
  assert.equal(transport.route()?.address, '127.0.0.1');
  await stage.endpoint.close();
});

withEachReceiver('announces the addresses of both families, IPv6 alone where it listens there alone', async (open) => {
  const stage = await open({ listen: ['::1'] });
  assert.deepEqual(
    stage.endpoint.candidates.map(({ protocol, address }) => `${protocol} ${address}`),
    ['udp ::1', 'tcp ::1'],
  );
  await stage.endpoint.close();
});
