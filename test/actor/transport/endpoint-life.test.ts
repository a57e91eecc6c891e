import assert from 'node:assert/strict';
import { after } from 'node:test';
import {
  admit,
  afterwards,
  hex,
  join,
  receiverReport,
  srtcpOf,
  timeouts,
  viewerCertificate,
  withEachReceiver,
} from '../../support/fanout/endpoint-stage.js';
import { bindingRequest, iceCredentials, openMediaClient } from '../../support/viewer/media-client.js';

withEachReceiver(
  'gives up a viewer that never comes, one that never shakes hands, and one that goes silent',
  async (open) => {
    const stage = await open();
    const absent = await admit(stage, 'absent');
    const mute = await admit(stage, 'mute');
    const silent = await join(stage, 'silent');
    afterwards(absent, mute, silent);
    await mute.client.check(mute.credentials);
    stage.advance(timeouts.connectTimeoutMs);
    await stage.when(() => stage.ended.size === 2);
    assert.deepEqual(Object.fromEntries(stage.ended), { absent: 'viewer.iceTimeout', mute: 'viewer.dtls' });
    stage.advance(timeouts.silenceTimeoutMs);
    await stage.when(() => stage.ended.size === 3);
    assert.equal(stage.ended.get('silent'), 'viewer.iceKeepAlive');
    await stage.endpoint.close();
  },
);

withEachReceiver('a viewer that checks lives on', async (open) => {
  const stage = await open();
  const { client, credentials } = await join(stage, 'a');
  const absent = await admit(stage, 'absent');
  afterwards({ client }, absent);
  stage.advance(timeouts.silenceTimeoutMs - 1);
  await client.check(credentials);
  stage.advance(timeouts.silenceTimeoutMs - 1);
  // The end of another one shows that the clock was looked at.
  await stage.when(() => stage.ended.has('absent'));
  assert.equal(stage.ended.has('a'), false);
  await stage.endpoint.close();
});

withEachReceiver('follows a viewer to a new address once it proved itself there', async (open) => {
  const stage = await open();
  const guest = await join(stage, 'a');
  const { client, transport, credentials } = guest;
  const seal = srtcpOf(guest);
  const moved = await openMediaClient({ port: stage.port, certificate: viewerCertificate });
  afterwards({ client }, { client: moved });
  moved.send(seal(receiverReport));
  await moved.check(credentials, { nominates: false });
  assert.equal(stage.rtcp.length, 0, 'what came before the check is not heard');
  moved.send(seal(receiverReport));
  await stage.when(() => stage.rtcp.length === 1);
  transport.send(Buffer.from([0x80, 96, 0, 9]));
  await moved.check(credentials, { nominates: false });
  assert.deepEqual(moved.media.map(hex), ['80600009']);
  assert.deepEqual(client.media, []);
  await stage.endpoint.close();
});

withEachReceiver(
  'of several ICE restarts without a check between them the last one counts, and what was in use',
  async (open) => {
    const stage = await open();
    const { client, transport, credentials } = await join(stage, 'a');
    after(() => client.close());
    const [first, second] = [iceCredentials(), iceCredentials()];
    transport.restart(first);
    transport.restart(second);
    await client.check(credentials);
    const before = client.receivedBytes;
    client.send(bindingRequest(first));
    await client.check(second);
    assert.equal(client.receivedBytes - before, 64, 'the first restart is answered no more');
    await stage.endpoint.close();
  },
);

withEachReceiver(
  'an ICE restart keeps DTLS and keys, and the old password counts until the new one is used',
  async (open) => {
    const stage = await open();
    const { client, transport, credentials } = await join(stage, 'a');
    after(() => client.close());
    const fresh = iceCredentials();
    transport.restart(fresh);
    await client.check(credentials);
    await client.check(fresh);
    const before = client.receivedBytes;
    client.send(bindingRequest(credentials));
    await client.check(fresh);
    assert.equal(client.receivedBytes - before, 64, 'the old credentials are answered no more');
    assert.equal(transport.send(Buffer.from([0x80, 96])), true);
    assert.deepEqual([stage.connects, stage.ended.size], [['a'], 0]);
    await stage.endpoint.close();
  },
);
