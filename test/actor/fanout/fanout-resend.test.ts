/** Packets sent again, and fan-outs that take over: both fan-outs under the same tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { implementations, profiles, publish, setUp, tracksOf } from '../../support/fanout/fanout-stage.js';

for (const { name, create } of implementations) {
  test(`${name}: a packet asked for again comes byte by byte as it was, and one that was never sent does not`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, video } = await add();
    publish(histories.video, 0, [1200, 1200, 1200, 100]);
    fanout.serve('video', 0, histories.video.end, 10);
    const before = [...(await receiver.packets(4))];
    const first = before[0]?.sequence ?? 0;
    assert.equal(video.resend([first + 1, first + 3, first + 4, first - 1]), 2);
    const after = (await receiver.packets(6)).slice(4);
    assert.deepEqual(
      after.map(({ datagram }) => datagram),
      [before[1]?.datagram, before[3]?.datagram],
    );
    assert.equal(video.counts.resent, 2);
  });

  for (const profile of profiles) {
    test(`${name}, ${profile}: with RTX a packet asked for again comes in a stream of its own, never twice alike`, async (t) => {
      const { fanout, histories, add } = await setUp(t, create);
      const { receiver, video } = await add(profile, { ssrc: 0x9333_3333, payloadType: 103 });
      publish(histories.video, 3000, [1200, 1200, 100]);
      fanout.serve('video', 0, histories.video.end, 10);
      const first = (await receiver.packets(3))[0]?.sequence ?? 0;
      assert.equal(video.resend([first, first + 2, first + 3, first]), 3);
      const all = await receiver.packets(6);
      const again = all.slice(3);
      again.forEach((packet, n) => {
        const original = all[[0, 2, 0][n] ?? 0];
        assert.deepEqual([packet.ssrc, packet.payloadType], [0x9333_3333, 103]);
        assert.equal(packet.sequence, (again[0]?.sequence ?? 0) + n);
        assert.equal(packet.payload.readUInt16BE(0), original?.sequence);
        assert.deepEqual([packet.timestamp, packet.marker], [original?.timestamp, original?.marker]);
        assert.deepEqual(packet.payload.subarray(2), original?.payload);
      });
      assert.deepEqual(video.counts, { packets: 3, octets: 2500, resent: 3 });
      publish(histories.video, 6000, [700]);
      fanout.serve('video', 0, histories.video.end, 10);
      assert.equal(
        (await receiver.packets(7))[6]?.sequence,
        first + 3,
        'media is numbered as if nothing was sent again',
      );
    });
  }

  test(`${name}: another fan-out goes on with the numbers of both streams`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, subscriber, video, options } = await add('AEAD_AES_128_GCM', {
      ssrc: 0x9333_3333,
      payloadType: 103,
    });
    publish(histories.video, 0, [500, 500]);
    fanout.serve('video', 0, histories.video.end, 10);
    const first = (await receiver.packets(2))[0]?.sequence ?? 0;
    video.resend([first, first + 1]);
    const again = (await receiver.packets(4))[3]?.sequence ?? 0;
    const other = create(histories);
    t.after(() => other.close());
    const moved = tracksOf(other.add(options, subscriber.take()));
    publish(histories.video, 3000, [500]);
    other.serve('video', 0, histories.video.end, 10);
    moved.video.resend([first + 2]);
    const packets = await receiver.packets(6);
    assert.deepEqual(
      packets.slice(4).map(({ ssrc, sequence }) => [ssrc, sequence]),
      [
        [0x8222_2222, first + 2],
        [0x9333_3333, again + 1],
      ],
    );
    assert.deepEqual(moved.video.counts, { packets: 3, octets: 1500, resent: 3 });
  });
}
