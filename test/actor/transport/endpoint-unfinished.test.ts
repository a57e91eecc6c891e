/** Peers that begin a handshake and never end it (docs/reliability.md S8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit, afterwards, join, openStage, timeouts } from '../../support/fanout/endpoint-stage.js';
import { keptNowBytes } from '../../support/kept-memory.js';
import { begunHandshake } from '../../support/viewer/begun-handshake.js';

const peers = 200;
const keptBytes = 65_536;

test('200 peers that fill what is kept of a handshake cost 64 KiB each, and go in time; others join meanwhile', async (t) => {
  const stage = await openStage();
  t.after(() => stage.endpoint.close());
  const guests = [];
  for (let n = 0; n < peers; n += 1) {
    const guest = await admit(stage, `peer ${n}`);
    await guest.client.check(guest.credentials);
    guests.push(guest);
  }
  afterwards(...guests);
  const before = await keptNowBytes();
  // Ten times over.
  for (let round = 0; round < 10; round += 1) {
    for (const { client, credentials } of guests) {
      for (const datagram of begunHandshake) client.send(datagram);
      if (round % 5 === 0) await client.check(credentials);
    }
  }
  const grownBytes = (await keptNowBytes()) - before;
  // Beside it what the test itself and compiled code take.
  assert.ok(grownBytes < peers * keptBytes + 4_194_304, `${grownBytes} bytes for ${peers} peers`);
  assert.ok(grownBytes > (peers * keptBytes) / 2, `${grownBytes} bytes: what they began is kept`);
  const joined = await join(stage, 'true viewer');
  afterwards(joined);
  stage.advance(timeouts.connectTimeoutMs);
  await stage.when(() => stage.ended.size === peers);
  assert.equal(stage.ended.has('true viewer'), false);
  assert.deepEqual(new Set(stage.ended.values()), new Set(['viewer.dtls']));
});
