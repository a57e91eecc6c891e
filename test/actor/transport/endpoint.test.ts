import assert from 'node:assert/strict';
import { after } from 'node:test';
import {
  admit,
  afterwards,
  hex,
  join,
  receiverReport,
  srtcpOf,
  withEachReceiver,
} from '../../support/fanout/endpoint-stage.js';
import { writePli } from '../../support/rtp/rtcp-writer.js';
import { until } from '../../support/until.js';
import { isClientHello } from '../../support/viewer/media-client.js';

/** One ClientHello record as two records, each with half of the message, as browsers send it. */
function splitHello(datagram: Buffer): readonly [Buffer, Buffer] {
  const message = datagram.subarray(25);
  const half = message.length >> 1;
  const fragment = (start: number, end: number): Buffer => {
    const header = Buffer.from(datagram.subarray(0, 25));
    header.writeUInt16BE(12 + end - start, 11);
    header.writeUIntBE(start, 19, 3);
    header.writeUIntBE(end - start, 22, 3);
    return Buffer.concat([header, message.subarray(start, end)]);
  };
  return [fragment(0, half), fragment(half, message.length)];
}

withEachReceiver('connects a viewer, and both sides have the same keys', async (open) => {
  const stage = await open();
  const { client, transport, credentials } = await admit(stage, 'a');
  after(() => client.close());
  assert.equal(transport.send(Buffer.from([0x80, 96])), false, 'nothing is sent to an address that proved nothing');
  assert.deepEqual(await client.check(credentials), ['127.0.0.1', client.port]);
  await Promise.all([client.handshake(), stage.when(() => stage.keys.has('a'))]);
  const agreed = stage.keys.get('a');
  const theirs = client.dtls.extractSessionKeys(16, 12);
  assert.equal(agreed?.profile, 'AEAD_AES_128_GCM');
  assert.equal(hex(agreed?.localKey), hex(theirs.remoteKey));
  assert.equal(hex(agreed?.localSalt), hex(theirs.remoteSalt));
  assert.equal(hex(agreed?.remoteKey), hex(theirs.localKey));
  assert.equal(hex(agreed?.remoteSalt), hex(theirs.localSalt));
  assert.deepEqual(stage.connects, ['a']);
  await stage.endpoint.close();
});

withEachReceiver('carries media to the viewer and its RTCP back, and says close_notify at the end', async (open) => {
  const stage = await open();
  const guest = await join(stage, 'a');
  const { client, transport } = guest;
  after(() => client.close());
  const seal = srtcpOf(guest);
  // The one can wait, the other asks for something.
  client.send(seal(receiverReport));
  client.send(seal(writePli(7)));
  await stage.when(() => stage.rtcp.length === 2);
  assert.deepEqual(stage.rtcp.map(hex).toSorted(), [receiverReport, writePli(7)].map(hex).toSorted());
  const closed = client.dtls.onClose.asPromise();
  assert.equal(transport.send(Buffer.from([0x80, 96, 1, 2])), true);
  transport.close();
  await closed;
  assert.deepEqual(client.media.map(hex), ['80600102']);
  assert.equal(transport.send(Buffer.from([0x80, 96])), false);
  assert.equal(stage.ended.size, 0, 'an end that the owner asked for is not told');
  await stage.endpoint.close();
});

withEachReceiver('counts what the kernel does not take', async (open) => {
  const stage = await open();
  const { client, transport } = await join(stage, 'a');
  after(() => client.close());
  assert.deepEqual(stage.endpoint.refused, { tooLong: 0, dropped: 0 });
  assert.equal(transport.send(Buffer.alloc(65_508, 0x80)), true, 'who is asked at once does not know yet');
  assert.equal(transport.send(Buffer.from([0x80, 96])), true);
  await until('both had their turn', () => client.media.length > 0);
  assert.deepEqual(stage.endpoint.refused, { tooLong: 1, dropped: 0 });
  await stage.endpoint.close();
});

withEachReceiver('reports that the viewer left when it says close_notify', async (open) => {
  const stage = await open();
  const { client } = await join(stage, 'a');
  after(() => client.close());
  const { dtls } = client;
  const header = { type: 21, version: 0xfefd, epoch: 1, sequenceNumber: 77 };
  const body = dtls.cipher.cipher.encrypt(dtls.sessionType, Buffer.from([1, 0]), header);
  client.send(Buffer.concat([Buffer.from([21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 77, 0, body.length]), body]));
  await stage.when(() => stage.ended.has('a'));
  assert.equal(stage.ended.get('a'), null);
  await stage.endpoint.close();
});

for (const [name, shape] of [
  ['in two datagrams', splitHello],
  ['in two datagrams that swapped places', (datagram: Buffer) => [...splitHello(datagram)].reverse()],
  ['in two datagrams, each of them twice', (datagram: Buffer) => splitHello(datagram).flatMap((part) => [part, part])],
] as const) {
  withEachReceiver(`connects a viewer whose ClientHello comes ${name}`, async (open) => {
    const stage = await open();
    const { client, credentials } = await admit(stage, 'a', {
      shape: (datagram) => (isClientHello(datagram) ? shape(datagram) : [datagram]),
    });
    after(() => client.close());
    await client.check(credentials);
    await Promise.all([client.handshake(), stage.when(() => stage.keys.has('a'))]);
    assert.deepEqual(stage.connects, ['a']);
    await stage.endpoint.close();
  });
}

withEachReceiver('serves twenty viewers on one port, each with keys of its own', async (open) => {
  const stage = await open();
  const guests = await Promise.all(Array.from({ length: 20 }, (_, n) => join(stage, `viewer ${n}`)));
  afterwards(...guests);
  assert.equal(new Set([...stage.keys.values()].map(({ localKey }) => hex(localKey))).size, 20);
  for (const { transport } of guests) assert.equal(transport.send(Buffer.from([0x80, 96])), true);
  for (const { client, credentials } of guests) await client.check(credentials);
  assert.deepEqual(
    guests.map(({ client }) => client.media.length),
    Array<number>(20).fill(1),
  );
  await stage.endpoint.close();
});

withEachReceiver('connects a viewer that misses the first answer to each of its flights', async (open) => {
  const stage = await open();
  const lost = new Set<string>();
  const { client, credentials } = await admit(stage, 'a', {
    repeats: true,
    hears: (datagram) => {
      // HelloVerifyRequest, ServerHello and what follows it, ChangeCipherSpec and Finished: a datagram each, by its first record.
      const first = `${datagram[0]} ${datagram[13]}`;
      if (!['22 3', '22 2', '20 1'].includes(first) || lost.has(first)) return true;
      lost.add(first);
      return false;
    },
  });
  after(() => client.close());
  await client.check(credentials);
  await Promise.all([client.handshake(), stage.when(() => stage.keys.has('a'))]);
  assert.deepEqual([...lost], ['22 3', '22 2', '20 1']);
  assert.deepEqual(stage.connects, ['a']);
  assert.equal(hex(stage.keys.get('a')?.localKey), hex(client.dtls.extractSessionKeys(16, 12).remoteKey));
  await stage.endpoint.close();
});
