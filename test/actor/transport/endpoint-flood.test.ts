import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after } from 'node:test';
import { admit, afterwards, withEachReceiver } from '../../support/fanout/endpoint-stage.js';
import { within } from '../../support/until.js';
import { bindingRequest, iceCredentials } from '../../support/viewer/media-client.js';

/** 67 bytes, null cipher: the shape that ended sessions of an unguarded werift (docs/reliability.md 3). */
const clientHello = Buffer.alloc(67);
clientHello.set([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42]);
clientHello.set([0, 0, 42], 22);
const alert = Buffer.from([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]);

/** Of hostile datagrams, while the viewers join and again while they are sent to; more where joining takes longer. */
const atLeast = 5000;

withEachReceiver(
  '20 viewers join and hear all that is sent to them while a stranger sends 10,000 datagrams, who hears nothing',
  async (open, t) => {
    const stage = await open();
    const guests = await Promise.all(
      Array.from({ length: 20 }, (_, n) => admit(stage, `viewer ${n}`, { repeats: true })),
    );
    afterwards(...guests);
    const stranger = createSocket('udp4');
    stranger.bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    after(() => stranger.close());
    let heard = 0;
    stranger.on('message', () => {
      heard += 1;
    });
    const [known] = guests;
    assert.ok(known !== undefined);
    const hostile = [
      clientHello,
      alert,
      bindingRequest(iceCredentials()),
      bindingRequest(known.credentials, { password: 'guessed' }),
      Buffer.from([0x80, 201, 0, 1]),
    ];
    let [sent, isOver] = [0, false];
    t.after(() => {
      isOver = true;
      return stage.endpoint.close();
    });
    const flood = (async () => {
      // As many in a turn as one turn of the receiving socket reads: a full buffer of the kernel is not what is tested.
      while (!isOver) {
        for (let n = 0; n < 20; n += 1, sent += 1)
          stranger.send(hostile[sent % hostile.length] ?? alert, stage.port, '127.0.0.1');
        await new Promise(setImmediate);
      }
    })();
    const joins = guests.map(async ({ client, credentials }, n) => {
      await client.check(credentials);
      await Promise.all([client.handshake(), stage.when(() => stage.keys.has(`viewer ${n}`))]);
    });
    await within('all have joined', Promise.all(joins), 60_000);
    while (sent < atLeast) await new Promise(setImmediate);
    let rounds = 0;
    for (const end = sent + atLeast; sent < end; rounds += 1) {
      for (const { transport } of guests) assert.equal(transport.send(Buffer.from([0x80, 96])), true);
      await new Promise(setImmediate);
    }
    isOver = true;
    await flood;
    await Promise.all(guests.map(({ client, credentials }) => client.check(credentials)));
    assert.ok(rounds > 0);
    for (const { client } of guests) assert.equal(client.media.length, rounds);
    assert.deepEqual([heard, stage.ended.size, stage.connects.length], [0, 0, 20]);
  },
);
