/** Queues that are full, and ways that take no segments: with real ones, between two hosts. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';

import { createNetwork, type Network } from '../support/network/network.js';
import type { NetworkSent } from '../support/network/network-sender.js';
import type { NetworkReceived } from '../support/network/network-viewers.js';

const viewers = 5;
const seconds = 6;
const isJson = (line: string): boolean => /^[[{]/.test(line);

async function run(network: Network): Promise<{ sent: NetworkSent; received: readonly NetworkReceived[] }> {
  const { senderAddress, receiverAddress } = network;
  const support = (name: string): URL => new URL(`../support/network/${name}.js`, import.meta.url);
  const others = await network.start('receiver', support('network-viewers'), [receiverAddress, String(viewers)]);
  await others.line('the viewers are up', (line) => line === 'up');
  const args = [senderAddress, receiverAddress, String(viewers), String(seconds)];
  const sender = await network.start('sender', support('network-sender'), args);
  const sent: NetworkSent = JSON.parse(await sender.line('what was sent', isJson, 30_000));
  // The queue still holds some of it: the receiver waits for as many.
  others.process.stdin?.write(`${JSON.stringify(sent.viewers.map(({ packetsSent }) => packetsSent))}\n`);
  const received: readonly NetworkReceived[] = JSON.parse(await others.line('what was received', isJson, 30_000));
  return { sent, received };
}

function checkNumbers(received: readonly NetworkReceived[]): void {
  for (const { gaps, contradictions, transportFaults, marks } of received) {
    const faults = { gaps, contradictions, transportFaults };
    assert.deepEqual(faults, { gaps: 0, contradictions: 0, transportFaults: 0 });
    assert.ok(
      marks.every((mark, n) => n === 0 || mark > (marks[n - 1] ?? 0)),
      'in the order of the stream, none twice',
    );
  }
}

test('five viewers on a path for less than two: left-out frames, gapless numbers, no wasted CPU', async (t: TestContext) => {
  const network = createNetwork(t);
  // A queue that drops nothing: what is in it fills the socket's buffer, which then takes no more (EAGAIN).
  network.shape('tbf', 'rate', '4mbit', 'burst', '5kb', 'limit', '20mb');
  const { sent, received } = await run(network);
  assert.ok(sent.datagrams.blocked > 0, 'the queue was full');
  assert.equal(sent.datagrams.dropped, 0);
  assert.ok(sent.cpuShare < 0.25, `${sent.cpuShare} of a core for a tenth of the work`);
  checkNumbers(received);
  received.forEach(({ packets, marks }, n) => {
    const { framesSkipped = 0, packetsSent = 0 } = sent.viewers[n] ?? {};
    assert.ok(framesSkipped > 0, 'frames were left out');
    assert.equal(packets, packetsSent, 'all that was taken has arrived');
    const seen = sent.keys.filter((key) => marks.includes(key));
    assert.ok(seen.length >= 2, `viewer ${n} went on at keyframes: ${seen}`);
    // Whatever was left out, it went on at the first packet of a keyframe, or where it had stood.
    marks.forEach((mark, at) => {
      const isNext = at === 0 || mark === (marks[at - 1] ?? 0) + 1;
      assert.ok(isNext || sent.keys.includes(mark), `packet ${mark} behind ${marks[at - 1]}`);
    });
  });
});

test('a path that takes no segments of this size gets packet by packet, and nothing is lost', async (t: TestContext) => {
  const network = createNetwork(t);
  // Packets of 1,200 bytes do not fit: the kernel refuses segments of them, and splits single ones by itself.
  network.setMtu(1000);
  const { sent, received } = await run(network);
  assert.equal(sent.datagrams.segmentsRefused, viewers, 'tried once for each');
  assert.deepEqual([sent.datagrams.blocked, sent.datagrams.dropped], [0, 0]);
  checkNumbers(received);
  for (const { packets } of received) assert.equal(packets, sent.end);
});
