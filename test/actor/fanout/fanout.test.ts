/** Both fan-outs under the same tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNative, idOf, implementations, profiles, publish, setUp } from '../../support/fanout/fanout-stage.js';

for (const { name, create } of implementations) {
  for (const profile of profiles) {
    test(`${name}, ${profile}: every packet reaches the viewer whole, numbered without a gap`, async (t) => {
      const { fanout, histories, add } = await setUp(t, create);
      const { receiver, video } = await add(profile);
      const sizes = [1200, 1200, 1200, 700];
      for (let frame = 0; frame < 30; frame += 1) {
        publish(histories.video, 3000 * frame, sizes, frame === 0);
        assert.equal(fanout.serve('video', 0, histories.video.end, 10), null);
      }
      const packets = await receiver.packets(120);
      const [first] = packets;
      assert.ok(first !== undefined && first.sequence < 0x8000);
      packets.forEach((packet, n) => {
        assert.equal(packet.sequence, first.sequence + n);
        assert.equal(packet.timestamp, 3000 * Math.floor(n / 4));
        assert.equal(packet.marker, n % 4 === 3);
        assert.equal(packet.payloadType, 102);
        assert.equal(packet.ssrc, 0x8222_2222);
        assert.equal(packet.payload.length, sizes[n % 4]);
        assert.equal(idOf(packet.payload), n);
      });
      assert.deepEqual(video.counts, { packets: 120, octets: 30 * 4300, resent: 0 });
      const { systemCalls, ...others } = fanout.datagrams;
      // One message of segments for each frame, where there are such.
      assert.equal(systemCalls, name === 'native' ? 30 : 120);
      assert.deepEqual(others, { taken: 120, blocked: 0, tooLong: 0, dropped: 0, segmentsRefused: 0 });
    });
  }

  test(`${name}: a moved cursor leaves packets out, never a number, and what was sent before is still found`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, video } = await add();
    publish(histories.video, 0, [500, 500, 500]);
    fanout.serve('video', 0, histories.video.end, 10);
    publish(histories.video, 3000, [500, 500, 500]);
    publish(histories.video, 6000, [500, 500], true);
    video.seek(6);
    assert.equal(video.serve(1), true);
    assert.equal(video.cursor, 7);
    assert.equal(video.serve(10), true);
    const packets = await receiver.packets(5);
    const first = packets[0]?.sequence ?? 0;
    assert.deepEqual(
      packets.map(({ sequence }) => sequence - first),
      [0, 1, 2, 3, 4],
    );
    assert.deepEqual(
      packets.map(({ payload }) => idOf(payload)),
      [0, 1, 2, 6, 7],
    );
    video.seek(3);
    video.serve(1);
    assert.equal(video.resend([first + 1, first + 3, first + 5]), 3);
    const again = (await receiver.packets(9)).slice(5).map(({ payload }) => idOf(payload));
    assert.deepEqual(again, [3, 1, 6, 3]);
  });

  test(`${name}: a viewer over IPv6 gets every packet`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create, '::1');
    const { receiver, video } = await add();
    publish(histories.video, 3000, [1200, 1200, 1200, 40], true);
    fanout.serve('video', 0, histories.video.end, 10);
    const first = (await receiver.packets(4)).map(({ payload }) => idOf(payload));
    assert.deepEqual(first, [0, 1, 2, 3]);
    assert.equal(video.resend([(await receiver.packets(4))[2]?.sequence ?? 0]), 1);
    assert.equal(idOf((await receiver.packets(5))[4]?.payload ?? Buffer.alloc(2)), 2);
  });

  test(`${name}: a held track is left out by serve, and the other track is not`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, video } = await add();
    video.hold(true);
    publish(histories.video, 0, [300]);
    publish(histories.audio, 960, [80]);
    fanout.serve('video', 0, histories.video.end, 10);
    fanout.serve('audio', 0, histories.audio.end, 10);
    const [audio] = await receiver.packets(1);
    assert.equal(audio?.payloadType, 111);
    assert.equal(video.cursor, 0);
    video.hold(false);
    fanout.serve('video', 0, histories.video.end, 10);
    assert.equal((await receiver.packets(2))[1]?.payloadType, 102);
  });

  test(`${name}: served in slices, every viewer gets every packet once`, async (t) => {
    const { fanout, histories, add, blocked } = await setUp(t, create);
    const subscribers = await Promise.all(Array.from({ length: 30 }, () => add()));
    publish(histories.video, 0, Array<number>(20).fill(1200), true);
    let slices = 0;
    for (let from: number | null = 0; from !== null && slices < 100; slices += 1) {
      from = fanout.serve('video', from, histories.video.end, 0);
    }
    assert.ok(slices >= 30, `${slices} slices`);
    assert.deepEqual(blocked, []);
    for (const { receiver } of subscribers) {
      const packets = await receiver.packets(20);
      assert.deepEqual(
        packets.map(({ payload }) => idOf(payload)),
        [...Array(20).keys()],
      );
    }
  });

  test(`${name}: a viewer that left gets nothing, and the others go on`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const gone = await add();
    const stays = await add();
    gone.subscriber.take();
    publish(histories.video, 0, [100]);
    fanout.serve('video', 0, histories.video.end, 10);
    await stays.receiver.packets(1);
    assert.equal(fanout.datagrams.taken, 1);
    const back = await add();
    publish(histories.video, 3000, [100]);
    fanout.serve('video', 0, histories.video.end, 10);
    assert.equal(idOf((await back.receiver.packets(1))[0]?.payload ?? Buffer.alloc(2)), 1);
  });

  test(`${name}: packets that left the history are not sent, and the history may grow under way`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, video } = await add();
    publish(histories.video, 0, [1000], true);
    fanout.serve('video', 0, histories.video.end, 10);
    // Growth to the limit of 1 MiB, and beyond it the oldest leave.
    for (let n = 0; n < 1500; n += 1) publish(histories.video, 3000, [1000]);
    assert.ok(histories.video.first > 1);
    fanout.serve('video', 0, histories.video.end, 10);
    assert.equal(video.cursor, 1);
    assert.equal(video.resend([(await receiver.packets(1))[0]?.sequence ?? 0]), 0);
    video.seek(histories.video.end - 2);
    fanout.serve('video', 0, histories.video.end, 10);
    const packets = await receiver.packets(3);
    assert.deepEqual(
      packets.map(({ payload }) => idOf(payload)),
      [0, 1499, 1500],
    );
  });
}

test('a viewer goes on where it was when its path changes from UDP to another and back', async (t) => {
  const { fanout, histories, add } = await setUp(t, createNative);
  const { receiver, setRoute, ...staged } = await add();
  let { subscriber } = staged;
  publish(histories.video, 0, [500, 500]);
  fanout.serve('video', 0, histories.video.end, 10);
  await receiver.packets(2);
  for (const isUdp of [false, true]) {
    setRoute(isUdp);
    subscriber = subscriber.rerouted();
    publish(histories.video, 3000, [500, 500]);
    fanout.serve('video', 0, histories.video.end, 10);
    // Over the other path each datagram goes by itself: the order is kept by waiting.
    await receiver.packets(isUdp ? 6 : 4);
  }
  const packets = await receiver.packets(6);
  const first = packets[0]?.sequence ?? 0;
  assert.deepEqual(
    packets.map(({ sequence, payload }) => [sequence - first, idOf(payload)]),
    [0, 1, 2, 3, 4, 5].map((n) => [n, n]),
  );
  assert.deepEqual(subscriber.video?.counts, { packets: 6, octets: 3000, resent: 0 });
});
