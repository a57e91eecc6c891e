import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { extendNumber, type PacketMemory, sharedWords } from '../../../../src/core/rtp/packet-memory.js';
import { createPacketView } from '../../../../src/core/rtp/packet-view.js';
import { createRtpHistory } from '../../../../src/core/rtp/rtp-history.js';
import { appendMarked, markOf } from '../../../support/rtp/marked-packets.js';
import type { FromPacketWriter } from '../../../support/rtp/packet-writer.js';

test('a view that knows of no memory is an empty log', () => {
  const view = createPacketView();
  assert.equal(view.refresh(), false);
  assert.deepEqual([view.first, view.end, view.gopStart, view.holds(0)], [0, 0, null, false]);
  assert.throws(() => view.payload(0), RangeError);
});

test('what was appended is seen when it is published, and by a view when it looks', () => {
  const history = createRtpHistory({ maxBytes: 10_000, maxPackets: 100 });
  const view = createPacketView();
  view.attach(history.memory, history.first);
  appendMarked(history, 100, true);
  assert.equal(view.refresh(), false);
  history.publish();
  assert.equal(view.end, 0);
  assert.equal(view.refresh(), true);
  assert.deepEqual([view.first, view.end, view.gopStart], [0, 1, 0]);
  assert.deepEqual([view.marker(0), view.rtpTs(0), markOf(view.payload(0))], [history.marker(0), history.rtpTs(0), 0]);
  assert.equal(view.refresh(), false);
  history.forgetGop();
  assert.equal(view.refresh(), true);
  assert.equal(view.gopStart, null);
});

test('whatever the order of writing, looking, reading and moving, a view sees what was written or knows better', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('append'), bytes: fc.integer({ min: 8, max: 900 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('key'), bytes: fc.integer({ min: 8, max: 900 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('publish'), bytes: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('forget'), bytes: fc.constant(0) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('look'), bytes: fc.constant(0) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('hear'), bytes: fc.constant(0) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('take'), bytes: fc.nat(1000) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('check'), bytes: fc.constant(0) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.integer({ min: 900, max: 200_000 }), (steps, maxBytes) => {
      const history = createRtpHistory({ maxBytes, maxPackets: 1200 });
      const view = createPacketView();
      view.attach(history.memory, history.first);
      /** News of the history's memory that the reader has not had yet. */
      const inFlight: { memory: PacketMemory; first: number }[] = [];
      let told = history.memory;
      let publishedEnd = 0;
      /** Read, and not yet checked. */
      const taken: { packet: number; rtpTs: number; payload: Uint8Array }[] = [];
      for (const { do: what, bytes } of steps) {
        // Twenty at a time, so that logs go round and grow.
        if (what === 'append') for (let n = 0; n < 20; n += 1) appendMarked(history, bytes, false);
        else if (what === 'key') appendMarked(history, bytes, true);
        else if (what === 'forget') history.forgetGop();
        else if (what === 'publish') {
          history.publish();
          publishedEnd = history.end;
          if (history.memory !== told) inFlight.push({ memory: history.memory, first: history.first });
          told = history.memory;
        } else if (what === 'look') view.refresh();
        else if (what === 'hear') {
          const news = inFlight.shift();
          if (news !== undefined) view.attach(news.memory, news.first);
        } else if (what === 'take' && view.end > view.first) {
          const packet = view.first + (bytes % (view.end - view.first));
          taken.push({ packet, rtpTs: view.rtpTs(packet), payload: view.payload(packet) });
        } else if (what === 'check') {
          for (const { packet, rtpTs, payload } of taken.splice(0)) {
            if (view.holds(packet)) assert.deepEqual([rtpTs, markOf(payload)], [(packet * 3000) >>> 0, packet]);
            else assert.ok(packet < history.first, 'only what left the history is not held');
          }
        }
        assert.ok(view.first <= view.end && view.end <= Math.max(publishedEnd, view.first));
        assert.ok(view.gopStart === null || (view.gopStart >= view.first && view.gopStart < view.end));
      }
      for (const news of inFlight) view.attach(news.memory, news.first);
      taken.length = 0;
      history.publish();
      if (view.memory !== history.memory) view.attach(history.memory, history.first);
      view.refresh();
      assert.deepEqual([view.first, view.end, view.gopStart], [history.first, history.end, history.gopStart]);
      for (let n = view.first; n < view.end; n += 1) assert.equal(markOf(view.payload(n)), n);
    }),
    { numRuns: 300 },
  );
});

test('numbers go on beyond 32 bits', () => {
  for (const near of [0, 2 ** 31, 2 ** 32 - 5, 2 ** 40 + 7]) {
    for (const number of [near - 3, near, near + 1000, near + 2 ** 31 - 1]) {
      assert.equal(extendNumber(number | 0, near), number);
    }
  }
  const history = createRtpHistory({ maxBytes: 10_000, maxPackets: 100 });
  const view = createPacketView();
  const { shared } = history.memory;
  const near = 2 ** 32 - 2;
  shared[sharedWords.first] = near;
  shared[sharedWords.end] = near + 4;
  shared[sharedWords.gopStart] = near + 3;
  view.attach(history.memory, near);
  view.refresh();
  assert.deepEqual([view.first, view.end, view.gopStart], [near, near + 4, near + 3]);
  assert.deepEqual([view.holds(near - 1), view.holds(near), view.holds(near + 3)], [false, true, true]);
  shared[sharedWords.first] = near + 3;
  assert.equal(view.holds(near + 2), false);
});

test('a reader beside a thread that writes at full speed never takes garbage for a packet', {
  timeout: 30_000,
}, async () => {
  const writer = new Worker(new URL('../../../support/rtp/packet-writer.js', import.meta.url), {
    workerData: { maxBytes: 60_000, maxPackets: 300, packets: 400_000 },
  });
  const view = createPacketView();
  const counts = { read: 0, lost: 0 };
  let isOver = false;
  writer.on('message', (message: FromPacketWriter) => {
    if (message.kind === 'over') isOver = true;
    else view.attach(message.memory, message.first);
  });
  await once(writer, 'message');
  while (!isOver) {
    for (let round = 0; round < 200; round += 1) {
      view.refresh();
      for (let packet = view.first; packet < view.end; packet += 7) {
        const copy = Uint8Array.from(view.payload(packet));
        const rtpTs = view.rtpTs(packet);
        if (view.holds(packet)) {
          counts.read += 1;
          assert.deepEqual([rtpTs, markOf(copy)], [(packet * 3000) >>> 0, packet]);
        } else counts.lost += 1;
      }
    }
    await new Promise(setImmediate);
  }
  assert.ok(counts.read > 1000, `${counts.read} packets read`);
  assert.ok(counts.lost > 0, 'the writer was too slow for this test to show anything');
});
