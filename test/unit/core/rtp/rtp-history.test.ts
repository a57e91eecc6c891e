import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRtpHistory, type RtpHistory } from '../../../../src/core/rtp/rtp-history.js';

/** Packet n has a payload that tells n and its length. */
function add(history: RtpHistory, payloadBytes: number, startsGop = false, sourceAt = 0): void {
  const n = history.end;
  history.append({ payloadBytes, rtpTs: (n * 3000) >>> 0, marker: n % 3 === 0, startsGop, sourceAt }).fill(n % 251);
}

function checkHeld(history: RtpHistory, lengths: readonly number[]): void {
  let sizeBytes = 0;
  for (let n = history.first; n < history.end; n += 1) {
    const payload = history.payload(n);
    assert.equal(payload.length, lengths[n]);
    assert.ok(
      payload.every((byte) => byte === n % 251),
      `packet ${n} is as it was written`,
    );
    assert.equal(history.rtpTs(n), (n * 3000) >>> 0);
    assert.equal(history.marker(n), n % 3 === 0);
    sizeBytes += payload.length;
  }
  assert.equal(history.sizeBytes, sizeBytes);
}

test('an empty log holds no packet and no keyframe', () => {
  const history = createRtpHistory({ maxBytes: 1000, maxPackets: 10 });
  assert.deepEqual([history.first, history.end, history.gopStart, history.sizeBytes], [0, 0, null, 0]);
  for (const read of ['marker', 'rtpTs', 'payload'] as const) assert.throws(() => history[read](0), RangeError);
});

test('a history that is cleared holds nothing, gives its memory back, and numbers go on', () => {
  const history = createRtpHistory({ maxBytes: 1_000_000, maxPackets: 4096 });
  const smallBytes = history.memory.arena.length;
  add(history, 900, true);
  for (let n = 1; n < 1000; n += 1) add(history, 900);
  history.publish();
  assert.ok(history.memory.arena.length > smallBytes);
  history.clear();
  assert.deepEqual([history.first, history.end, history.gopStart, history.sizeBytes], [1000, 1000, null, 0]);
  assert.equal(history.memory.arena.length, smallBytes);
  assert.throws(() => history.payload(999), RangeError);
  add(history, 100, true);
  history.publish();
  assert.deepEqual([history.first, history.end, history.gopStart, history.sizeBytes], [1000, 1001, 1000, 100]);
  assert.ok(history.payload(1000).every((byte) => byte === 1000 % 251));
});

test('room that is made at once is enough for what comes, and never more than the limit', () => {
  const history = createRtpHistory({ maxBytes: 1_000_000, maxPackets: 4096 });
  add(history, 900, true);
  history.reserve(300_000);
  const { memory } = history;
  for (let n = 1; n < 333; n += 1) add(history, 900);
  assert.equal(history.memory.arena, memory.arena);
  checkHeld(history, Array(333).fill(900));
  history.reserve(1e9);
  assert.equal(history.memory.arena.length, 1_000_000);
  checkHeld(history, Array(333).fill(900));
});

test('packets come out as they were put in, whatever their sizes, and numbers run on for ever', () => {
  const packet = fc.tuple(fc.integer({ min: 1, max: 900 }), fc.boolean(), fc.nat(20));
  const packets = fc.array(packet, { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(
      packets,
      fc.integer({ min: 900, max: 5000 }),
      fc.integer({ min: 1, max: 60 }),
      (puts, maxBytes, maxPackets) => {
        const history = createRtpHistory({ maxBytes, maxPackets });
        const lengths: number[] = [];
        let newestGop: number | null = null;
        for (const [bytes, startsGop, sourceAt] of puts) {
          if (startsGop) newestGop = history.end;
          add(history, bytes, startsGop, sourceAt);
          lengths.push(bytes);
          assert.equal(history.end, lengths.length);
          assert.ok(history.end - history.first <= maxPackets && history.sizeBytes <= maxBytes);
          assert.equal(history.gopStart, newestGop !== null && newestGop >= history.first ? newestGop : null);
        }
        checkHeld(history, lengths);
      },
    ),
    { numRuns: 200 },
  );
});

test('a payload lies within a word of memory as what is copied to it does, but where there is no room for that', () => {
  const history = createRtpHistory({ maxBytes: 4096, maxPackets: 64 });
  for (const sourceAt of [0, 3, 14, -2, 1001]) {
    const { byteOffset } = history.append({ payloadBytes: 101, rtpTs: 0, marker: false, startsGop: false, sourceAt });
    assert.equal((byteOffset - sourceAt) % 8, 0);
  }
  const full = createRtpHistory({ maxBytes: 100, maxPackets: 64 });
  add(full, 100, false, 5);
  checkHeld(full, [100]);
});

test('a history that grows while it goes round keeps every packet of the newest GOP', () => {
  const history = createRtpHistory({ maxBytes: 4_000_000, maxPackets: 65_536 });
  const lengths: number[] = [];
  const put = (bytes: number, startsGop: boolean): void => {
    lengths.push(bytes);
    add(history, bytes, startsGop);
  };
  for (const [gop, packets] of [100, 700, 2500, 40, 3000].entries()) {
    const start = history.end;
    for (let n = 0; n < packets; n += 1) put(1 + ((n * 37 + gop) % 1200), n === 0);
    assert.equal(history.gopStart, start);
    checkHeld(history, lengths);
  }
});

test('the packets just before a new keyframe stay for viewers that lost some of them', () => {
  const history = createRtpHistory({ maxBytes: 4_000_000, maxPackets: 65_536 });
  for (let n = 0; n < 5000; n += 1) add(history, 1200, n % 300 === 0);
  assert.ok(history.end - history.first >= 512);
});

test('what is held follows the GOP, not the limit', () => {
  const history = createRtpHistory({ maxBytes: 64_000_000, maxPackets: 65_536 });
  for (let n = 0; n < 20_000; n += 1) add(history, 1000, n % 600 === 0);
  assert.ok(history.sizeBytes < 3_000_000, `${history.sizeBytes}`);
});

test('a GOP larger than the history leaves no keyframe to begin with', () => {
  const history = createRtpHistory({ maxBytes: 100_000, maxPackets: 65_536 });
  add(history, 1000, true);
  for (let n = 0; n < 99; n += 1) add(history, 1000);
  assert.equal(history.gopStart, 0);
  add(history, 1000);
  assert.equal(history.gopStart, null);
  add(history, 1000, true);
  assert.equal(history.gopStart, 101);
});

test('too many packets for the history leave no keyframe either', () => {
  const history = createRtpHistory({ maxBytes: 1_000_000, maxPackets: 700 });
  add(history, 10, true);
  for (let n = 0; n < 699; n += 1) add(history, 10);
  assert.deepEqual([history.first, history.gopStart], [0, 0]);
  add(history, 10);
  assert.deepEqual([history.first, history.end, history.gopStart], [1, 701, null]);
});

test('a packet that has left or not come is a RangeError, and so is a payload that cannot be held', () => {
  const history = createRtpHistory({ maxBytes: 100, maxPackets: 2 });
  for (let n = 0; n < 4; n += 1) add(history, 10);
  assert.equal(history.first, 2);
  for (const read of ['marker', 'rtpTs', 'payload'] as const) {
    for (const n of [-1, 1, 4, Number.NaN]) assert.throws(() => history[read](n), RangeError);
  }
  for (const bytes of [0, 101]) assert.throws(() => add(history, bytes), RangeError);
  assert.deepEqual([history.first, history.end], [2, 4]);
});
