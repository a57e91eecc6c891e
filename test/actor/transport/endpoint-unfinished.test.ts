/** Peers that begin a handshake and never end it (docs/reliability.md S8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { admit, afterwards, join, openStage, timeouts } from '../../support/fanout/endpoint-stage.js';

const peers = 200;
const keptBytes = 65_536;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function keptNow(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The first part of a message that says it has 16 kB, of which more never comes. */
function beginning(sequence: number, type: number): Buffer {
  const body = Buffer.alloc(1200);
  const fragment = Buffer.alloc(12);
  fragment.writeUInt8(type, 0);
  fragment.writeUIntBE(16_384, 1, 3);
  fragment.writeUInt16BE(sequence, 4);
  fragment.writeUIntBE(body.length, 9, 3);
  const header = Buffer.from([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, sequence, 0, 0]);
  header.writeUInt16BE(fragment.length + body.length, 11);
  return Buffer.concat([header, fragment, body]);
}

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
  const before = keptNow();
  // Each message that a client sends in its handshake, begun; and ten times over.
  const begun = [1, 1, 11, 16, 15].map((type, sequence) => beginning(sequence, type));
  for (let round = 0; round < 10; round += 1) {
    for (const { client, credentials } of guests) {
      for (const datagram of begun) client.send(datagram);
      if (round % 5 === 0) await client.check(credentials);
    }
  }
  const grownBytes = keptNow() - before;
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
