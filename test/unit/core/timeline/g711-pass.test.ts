import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AudioPacket } from '../../../../src/core/timeline/audio-packet.js';
import { createG711Pass } from '../../../../src/core/timeline/g711-pass.js';

/** Bytes that count up, so that each tells its place. */
const bytesFrom = (first: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, n) => first + n);

/** Messages of these lengths, each at the stamp that its samples give. */
function run(lengths: readonly number[], notBefore48k: number | null = null) {
  const pass = createG711Pass(notBefore48k);
  let sent = 0;
  const packets = lengths.flatMap((length) => {
    const message = bytesFrom(sent, length);
    const mediaMs = 1000 + Math.floor(sent / 8);
    sent += length;
    return pass.push(mediaMs, message);
  });
  return { pass, packets };
}

const joined = (packets: readonly AudioPacket[]): Buffer => Buffer.concat(packets.map(({ data }) => data));

for (const [what, lengths, packets] of [
  ['messages of 20 ms', Array(50).fill(160), 50],
  ['messages of 10 ms', Array(50).fill(80), 25],
  ['messages of 128 ms, as ffmpeg sends them', Array(10).fill(1024), 64],
  ['messages of 30 ms', Array(20).fill(240), 30],
  ['messages of single samples', Array(1600).fill(1), 10],
  ['messages of any length', [1, 159, 160, 161, 479, 1000, 7, 33], 12],
] as const) {
  test(`${what} become packets of 20 ms, byte for byte, each 160 samples further`, () => {
    const { pass, packets: cut } = run(lengths);
    assert.equal(cut.length, packets);
    assert.deepEqual(joined(cut), Buffer.from(bytesFrom(0, packets * 160)));
    assert.deepEqual(
      cut.map(({ ts48k, samples }) => [ts48k, samples]),
      cut.map((_, n) => [48_000 + n * 960, 960]),
    );
    assert.deepEqual([pass.counts.jumps, pass.counts.dropped, pass.counts.decodeErrors], [0, 0, 0]);
    assert.equal(pass.next48k, 48_000 + packets * 960);
  });
}

test('what does not fill a packet before a hole is left out: nothing is sent late, and what is behind it lies at its stamp', () => {
  const pass = createG711Pass(null);
  const packets = [0, 25, 525, 550].flatMap((mediaMs) => pass.push(mediaMs, new Uint8Array(200)));
  assert.deepEqual(
    packets.map(({ ts48k, data }) => [ts48k / 48, data.length]),
    [
      [0, 160],
      [20, 160],
      [525, 160],
      [545, 160],
    ],
  );
  assert.equal(pass.counts.jumps, 1);
});

test('a count far ahead of the stamps waits, and never goes back', () => {
  const pass = createG711Pass(null);
  const stamps = Array.from({ length: 300 }, (_, n) => n * 20 - (n >= 100 ? 400 : 0));
  const packets = stamps.flatMap((mediaMs) => pass.push(mediaMs, new Uint8Array(160)));
  assert.equal(packets.length + pass.counts.dropped, 300);
  assert.ok(pass.counts.dropped >= 18 && pass.counts.dropped <= 20, `${pass.counts.dropped}`);
  assert.ok(packets.every(({ ts48k }, n) => ts48k === n * 960));
});

test('an audio clock that is off by 200 ppm shows in the skew, without a step', () => {
  const pass = createG711Pass(null);
  const packets = Array.from({ length: 30_000 }, (_, n) => Math.floor(n * 128 * 1.0002)).flatMap((mediaMs) =>
    pass.push(mediaMs, new Uint8Array(1024)),
  );
  assert.ok(packets.every(({ ts48k }, n) => ts48k === n * 960));
  const lateMs = 30_000 * 128 * 0.0002;
  assert.ok(Math.abs(pass.skew48k / 48 + lateMs) < 2, `${pass.skew48k / 48}`);
});

test('it begins where another codec ended, on a whole sample of its own clock', () => {
  assert.equal(run([160], 48_100).packets[0]?.ts48k, 48_102);
  assert.equal(run([160], 40_000).packets[0]?.ts48k, 48_000);
});

test('no byte is doubled or lost but before holes, and time never overlaps, whatever the stamps and the lengths', () => {
  const input = fc.record({ stepMs: fc.integer({ min: -300, max: 300 }), length: fc.integer({ min: 1, max: 600 }) });
  fc.assert(
    fc.property(fc.array(input, { maxLength: 100 }), (inputs) => {
      const pass = createG711Pass(null);
      let mediaMs = 1000;
      let end48k = 0;
      let kept = 0;
      const packets: AudioPacket[] = [];
      for (const { stepMs, length } of inputs) {
        mediaMs = Math.max(0, mediaMs + stepMs);
        const dropped = pass.counts.dropped;
        packets.push(...pass.push(mediaMs, bytesFrom(kept, length)));
        if (pass.counts.dropped === dropped) kept += length;
      }
      let next = 0;
      for (const { ts48k, samples, data } of packets) {
        assert.ok(ts48k >= end48k && ts48k % 6 === 0 && samples === data.length * 6 && data.length <= 160);
        const isBehindHole = ts48k - end48k >= 4800;
        if (isBehindHole) next = data[0] ?? 0;
        assert.deepEqual(Buffer.from(data), Buffer.from(bytesFrom(next, data.length)));
        end48k = ts48k + samples;
        next += data.length;
      }
      const sent = joined(packets).length;
      assert.ok(
        sent <= kept && kept - sent < 160 * (pass.counts.jumps + 1),
        'one packet is waited for, one given up a hole',
      );
    }),
  );
});
