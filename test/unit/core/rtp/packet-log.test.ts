import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPacketLog, type PacketLog } from '../../../../src/core/rtp/packet-log.js';

/** Packet n has a payload that tells n and its length. */
function add(log: PacketLog, payloadBytes: number, startsGop = false): void {
  const n = log.end;
  log.append({ payloadBytes, rtpTs: (n * 3000) >>> 0, marker: n % 3 === 0, startsGop }).fill(n % 251);
}

function checkHeld(log: PacketLog, lengths: readonly number[]): void {
  let sizeBytes = 0;
  for (let n = log.first; n < log.end; n += 1) {
    const payload = log.payload(n);
    assert.equal(payload.length, lengths[n]);
    assert.ok(
      payload.every((byte) => byte === n % 251),
      `packet ${n} is as it was written`,
    );
    assert.equal(log.rtpTs(n), (n * 3000) >>> 0);
    assert.equal(log.marker(n), n % 3 === 0);
    sizeBytes += payload.length;
  }
  assert.equal(log.sizeBytes, sizeBytes);
}

test('an empty log holds no packet and no keyframe', () => {
  const log = createPacketLog({ maxBytes: 1000, maxPackets: 10 });
  assert.deepEqual([log.first, log.end, log.gopStart, log.sizeBytes], [0, 0, null, 0]);
  for (const read of ['marker', 'rtpTs', 'payload'] as const) assert.throws(() => log[read](0), RangeError);
});

test('packets come out as they were put in, whatever their sizes, and numbers run on for ever', () => {
  const packets = fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.boolean()), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(
      packets,
      fc.integer({ min: 900, max: 5000 }),
      fc.integer({ min: 1, max: 60 }),
      (puts, maxBytes, maxPackets) => {
        const log = createPacketLog({ maxBytes, maxPackets });
        const lengths: number[] = [];
        let newestGop: number | null = null;
        for (const [bytes, startsGop] of puts) {
          if (startsGop) newestGop = log.end;
          add(log, bytes, startsGop);
          lengths.push(bytes);
          assert.equal(log.end, lengths.length);
          assert.ok(log.end - log.first <= maxPackets && log.sizeBytes <= maxBytes);
          assert.equal(log.gopStart, newestGop !== null && newestGop >= log.first ? newestGop : null);
        }
        checkHeld(log, lengths);
      },
    ),
    { numRuns: 200 },
  );
});

test('a log that grows while it goes round keeps every packet of the newest GOP', () => {
  const log = createPacketLog({ maxBytes: 4_000_000, maxPackets: 65_536 });
  const lengths: number[] = [];
  const put = (bytes: number, startsGop: boolean): void => {
    lengths.push(bytes);
    add(log, bytes, startsGop);
  };
  for (const [gop, packets] of [100, 700, 2500, 40, 3000].entries()) {
    const start = log.end;
    for (let n = 0; n < packets; n += 1) put(1 + ((n * 37 + gop) % 1200), n === 0);
    assert.equal(log.gopStart, start);
    checkHeld(log, lengths);
  }
});

test('the packets just before a new keyframe stay for viewers that lost some of them', () => {
  const log = createPacketLog({ maxBytes: 4_000_000, maxPackets: 65_536 });
  for (let n = 0; n < 5000; n += 1) add(log, 1200, n % 300 === 0);
  assert.ok(log.end - log.first >= 512);
});

test('what is held follows the GOP, not the limit', () => {
  const log = createPacketLog({ maxBytes: 64_000_000, maxPackets: 65_536 });
  for (let n = 0; n < 20_000; n += 1) add(log, 1000, n % 600 === 0);
  assert.ok(log.sizeBytes < 3_000_000, `${log.sizeBytes}`);
});

test('a GOP larger than the log leaves no keyframe to begin with', () => {
  const log = createPacketLog({ maxBytes: 100_000, maxPackets: 65_536 });
  add(log, 1000, true);
  for (let n = 0; n < 99; n += 1) add(log, 1000);
  assert.equal(log.gopStart, 0);
  add(log, 1000);
  assert.equal(log.gopStart, null);
  add(log, 1000, true);
  assert.equal(log.gopStart, 101);
});

test('too many packets for the log leave no keyframe either', () => {
  const log = createPacketLog({ maxBytes: 1_000_000, maxPackets: 700 });
  add(log, 10, true);
  for (let n = 0; n < 699; n += 1) add(log, 10);
  assert.deepEqual([log.first, log.gopStart], [0, 0]);
  add(log, 10);
  assert.deepEqual([log.first, log.end, log.gopStart], [1, 701, null]);
});

test('a packet that has left or not come is a RangeError, and so is a payload that cannot be held', () => {
  const log = createPacketLog({ maxBytes: 100, maxPackets: 2 });
  for (let n = 0; n < 4; n += 1) add(log, 10);
  assert.equal(log.first, 2);
  for (const read of ['marker', 'rtpTs', 'payload'] as const) {
    for (const n of [-1, 1, 4, Number.NaN]) assert.throws(() => log[read](n), RangeError);
  }
  for (const bytes of [0, 101]) assert.throws(() => add(log, bytes), RangeError);
  assert.deepEqual([log.first, log.end], [2, 4]);
});
