import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOpusPass } from '../../../../src/core/timeline/opus-pass.js';

/** One frame of 20 ms stereo; two of them; 60 ms mono; one of 2.5 ms. */
const tocs = [
  { data: Uint8Array.of(0xfc, 1), samples: 960 },
  { data: Uint8Array.of(0xfd, 1, 1), samples: 1920 },
  { data: Uint8Array.of(0x18, 1), samples: 2880 },
  { data: Uint8Array.of(0xe0, 1), samples: 120 },
] as const;
const [twenty] = tocs;

/** Packets of 20 ms, each at the stamp that its number gives. */
function run(count: number, stampMs: (n: number) => number, data: (n: number) => Uint8Array = () => twenty.data) {
  const pass = createOpusPass(null);
  const packets = Array.from({ length: count }, (_, n) => pass.push(stampMs(n), data(n))[0]);
  return { pass, packets };
}

test('packets of any length follow each other to the sample, whatever the rounding of their stamps', () => {
  const pass = createOpusPass(null);
  let exact48k = 0;
  for (let n = 0; n < 5000; n += 1) {
    const { data, samples } = tocs[n % tocs.length] ?? twenty;
    const [packet] = pass.push(Math.floor(exact48k / 48), data);
    assert.deepEqual(packet, { data, samples, ts48k: exact48k });
    exact48k += samples;
  }
  assert.deepEqual(
    [pass.counts.jumps, pass.counts.dropped, pass.counts.decodeErrors, pass.next48k],
    [0, 0, 0, exact48k],
  );
  assert.ok(Math.abs(pass.skew48k) < 48);
});

test('an audio clock that is off by 200 ppm for an hour shows in the skew to 2 ms, without a step', () => {
  for (const ppm of [200, -200]) {
    const { pass, packets } = run(180_000, (n) => Math.floor(n * 20 * (1 + ppm / 1e6)));
    assert.ok(packets.every((packet, n) => packet?.ts48k === n * 960));
    const trueSkewMs = 180_000 * 20 * (-ppm / 1e6);
    assert.ok(Math.abs(pass.skew48k / 48 - trueSkewMs) < 2, `${pass.skew48k / 48} for ${trueSkewMs}`);
    assert.equal(pass.counts.jumps + pass.counts.dropped, 0);
  }
});

test('a hole is jumped over once, and what follows lies at its stamp', () => {
  const { pass, packets } = run(200, (n) => n * 20 + (n >= 100 ? 3000 : 0));
  assert.equal(pass.counts.jumps, 1);
  assert.ok(Math.abs((packets[199]?.ts48k ?? 0) - (199 * 20 + 3000) * 48) <= 48);
});

test('a packet that the source lost is a gap of its length, known a quarter of a second later', () => {
  const { pass, packets } = run(200, (n) => (n >= 100 ? n + 1 : n) * 20);
  const jumps = packets.flatMap((packet, n) =>
    (packet?.ts48k ?? 0) - (packets[n - 1]?.ts48k ?? -960) === 960 ? [] : [n],
  );
  assert.equal(jumps.length, 1);
  assert.ok((jumps[0] ?? 0) > 100 && (jumps[0] ?? 0) < 130, `at packet ${jumps[0]}`);
  assert.ok(Math.abs((packets[199]?.ts48k ?? 0) - 200 * 960) < 240);
  assert.equal(pass.counts.jumps, 1);
});

test('a count far ahead of the stamps waits, and never goes back', () => {
  const { pass, packets } = run(300, (n) => n * 20 - (n >= 100 ? 400 : 0));
  assert.equal(packets.filter((packet) => packet === undefined).length, pass.counts.dropped);
  assert.ok(pass.counts.dropped >= 18 && pass.counts.dropped <= 20, `${pass.counts.dropped}`);
  const times = packets.flatMap((packet) => (packet === undefined ? [] : [packet.ts48k]));
  assert.ok(times.every((time, n) => n === 0 || time === (times[n - 1] ?? 0) + 960));
});

test('what is no Opus leaves a gap of its length, and is counted', () => {
  const { pass, packets } = run(
    50,
    (n) => n * 20,
    (n) => (n === 20 ? new Uint8Array(0) : twenty.data),
  );
  assert.equal(packets[20], undefined);
  assert.equal(packets[21]?.ts48k, 21 * 960);
  assert.equal(pass.counts.decodeErrors, 1);
});

test('it begins where another codec ended', () => {
  assert.equal(createOpusPass(960_000).push(19_990, twenty.data)[0]?.ts48k, 960_000);
  assert.equal(createOpusPass(960_000).push(20_010, twenty.data)[0]?.ts48k, 960_480);
});

test('time never goes back and never overlaps, whatever the stamps and the bytes', () => {
  const input = fc.record({ stepMs: fc.integer({ min: -300, max: 300 }), data: fc.uint8Array({ maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(input, { maxLength: 200 }), (inputs) => {
      const pass = createOpusPass(null);
      let mediaMs = 1000;
      let end48k = 0;
      for (const { stepMs, data } of inputs) {
        mediaMs = Math.max(0, mediaMs + stepMs);
        const [packet] = pass.push(mediaMs, data);
        if (packet === undefined) continue;
        assert.ok(packet.ts48k >= end48k);
        end48k = packet.ts48k + packet.samples;
      }
    }),
  );
});
