/** Packets with transport-wide numbers: both fan-outs under the same tests, opened by another implementation of SRTP. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CreateFanout, Fanout } from '../../../actors/fanout/fanout.js';
import type { SubscriberOptions } from '../../../actors/fanout/subscriber.js';
import { implementations, profiles, publish, setUp } from '../../support/fanout/fanout-stage.js';
import type { ReceivedRtp } from '../../support/rtp/rtp-receiver.js';

const rtx = { ssrc: 0x9333_3333, payloadType: 103 };
const id = 7;
/** The whole extension on the wire: one-byte form, one word, an element of two bytes, padding. */
const onTheWire = (number: number): string => `bede0001${id}1${number.toString(16).padStart(4, '0')}00`;
const numbersOf = (packets: readonly ReceivedRtp[]): readonly number[] =>
  packets.map(({ extensions }) => Number.parseInt(extensions[id] ?? 'none', 16));
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, n) => from + n);
const serve = (fanout: Fanout, kind: 'audio' | 'video'): void =>
  assert.equal(fanout.serve(kind, 0, Number.POSITIVE_INFINITY, 100), null);

for (const { name, create } of implementations) {
  for (const profile of profiles) {
    test(`${name}, ${profile}: audio, video and what is sent again share one row of numbers`, async (t) => {
      const { fanout, histories, add } = await setUp(t, create);
      const { receiver, video } = await add(profile, rtx, id);
      const other = await add(profile, rtx);
      publish(histories.video, 0, [1192, 1192, 1192, 100]);
      serve(fanout, 'video');
      publish(histories.audio, 0, [160]);
      serve(fanout, 'audio');
      const first = (await receiver.packets(5))[0]?.sequence ?? 0;
      assert.equal(video.resend([first, first + 3]), 2);
      publish(histories.video, 3000, [1192, 50]);
      serve(fanout, 'video');
      const packets = await receiver.packets(9);
      assert.deepEqual(numbersOf(packets), range(0, 9));
      assert.deepEqual(
        packets.map(({ ssrc }) => ssrc),
        [0x8222_2222, 0x8222_2222, 0x8222_2222, 0x8222_2222, 0x1111_1111, rtx.ssrc, rtx.ssrc, 0x8222_2222, 0x8222_2222],
      );
      packets.forEach(({ datagram }, n) => {
        assert.equal(datagram[0], 0x90);
        assert.equal(datagram.toString('hex', 12, 20), onTheWire(n));
      });
      const plain = await other.receiver.packets(7);
      const media = [...packets.slice(0, 5), ...packets.slice(7)];
      assert.deepEqual(
        media.map(({ payload, marker, timestamp }) => ({ payload, marker, timestamp })),
        plain.map(({ payload, marker, timestamp }) => ({ payload, marker, timestamp })),
      );
      assert.ok(
        plain.every(({ datagram, extensions }) => datagram[0] === 0x80 && Object.keys(extensions).length === 0),
      );
      assert.deepEqual(
        media.map(({ datagram }) => datagram.length),
        plain.map(({ datagram }) => datagram.length + 8),
      );
    });
  }

  test(`${name}: numbers of 16 bits go round, and what was sent under them is known for a while`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, options, ...staged } = await add('AEAD_AES_128_GCM', rtx, id);
    const state = staged.subscriber.take();
    options.numbers.twccNext = 65_534;
    const subscriber = fanout.add(options, state);
    const beforeMs = Number(process.hrtime.bigint()) / 1e6;
    publish(histories.video, 0, [1000, 1000, 300]);
    serve(fanout, 'video');
    const afterMs = Number(process.hrtime.bigint()) / 1e6;
    assert.deepEqual(numbersOf(await receiver.packets(3)), [65_534, 65_535, 0]);
    const sent = subscriber.lookUpSent(65_533, 5);
    assert.deepEqual(
      sent.map((packet) => packet?.bytes ?? null),
      [null, 1036, 1036, 336, null],
    );
    for (const packet of sent.slice(1, 4)) {
      assert.ok(packet !== null && packet !== undefined && packet.sentMs >= beforeMs - 1 && packet.sentMs <= afterMs);
    }
    for (let n = 0; n < 11; n += 1) {
      publish(histories.video, 3000 * n, Array<number>(100).fill(20));
      serve(fanout, 'video');
      await receiver.packets(3 + 100 * (n + 1));
    }
    assert.equal(options.numbers.twccNext, 65_537 + 1100);
    const other = fanout.add(options, subscriber.take());
    assert.deepEqual(other.lookUpSent(1100, 1), [null], 'another fan-out knows nothing of what went before');
  });

  test(`${name}: of more than a thousand packets the latest are remembered`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, subscriber } = await add('AEAD_AES_128_GCM', rtx, id);
    for (let n = 0; n < 12; n += 1) {
      publish(histories.video, 3000 * n, Array<number>(100).fill(20));
      serve(fanout, 'video');
      await receiver.packets(100 * (n + 1));
    }
    const known = subscriber.lookUpSent(0, 1300).map((packet) => packet !== null);
    assert.deepEqual([known.indexOf(true), known.lastIndexOf(true)], [1200 - 1024, 1199]);
  });

  for (const profile of profiles) {
    test(`${name}, ${profile}: without RTX a packet comes again to the byte, its number too`, async (t) => {
      const { fanout, histories, add } = await setUp(t, create);
      const { receiver, audio, video } = await add(profile, null, id);
      publish(histories.video, 0, [1192, 1192, 100]);
      serve(fanout, 'video');
      publish(histories.audio, 0, [160]);
      serve(fanout, 'audio');
      const before = [...(await receiver.packets(4))];
      const [first, , , heard] = before;
      assert.equal(video.resend([(first?.sequence ?? 0) + 1]), 1);
      assert.equal(audio.resend([heard?.sequence ?? 0]), 1);
      publish(histories.video, 3000, [100]);
      serve(fanout, 'video');
      const after = (await receiver.packets(7)).slice(4);
      assert.deepEqual(after[0]?.datagram, before[1]?.datagram);
      assert.deepEqual(after[1]?.datagram, heard?.datagram);
      assert.deepEqual(numbersOf(after), [1, 3, 4], 'no number is used up by what is sent again');
    });

    test(`${name}, ${profile}: what is not remembered is not sent again`, async (t) => {
      const { fanout, histories, add } = await setUp(t, create);
      const { receiver, video } = await add(profile, null, id);
      for (let n = 0; n < 11; n += 1) {
        publish(histories.video, 3000 * n, Array<number>(100).fill(20));
        serve(fanout, 'video');
        await receiver.packets(100 * (n + 1));
      }
      const first = (await receiver.packets(1100))[0]?.sequence ?? 0;
      assert.equal(video.resend([first, first + 1099]), 1);
    });
  }

  test(`${name}: a viewer that goes to packets without numbers and comes back goes on where it left off`, async (t) => {
    const { fanout, histories, add } = await setUp(t, create);
    const { receiver, options: numbered, ...staged } = await add('AEAD_AES_128_GCM', rtx, id);
    let { subscriber } = staged;
    const moveTo = (options: SubscriberOptions): void => {
      subscriber = fanout.add(options, subscriber.take());
    };
    let count = 0;
    const sendTwo = async (): Promise<readonly ReceivedRtp[]> => {
      publish(histories.video, 3000 * count, [500, 100]);
      serve(fanout, 'video');
      count += 2;
      return (await receiver.packets(count)).slice(count - 2);
    };
    assert.deepEqual(numbersOf(await sendTwo()), [0, 1]);
    moveTo({ ...numbered, twcc: null });
    assert.ok((await sendTwo()).every(({ datagram }) => datagram[0] === 0x80));
    moveTo(numbered);
    assert.deepEqual(numbersOf(await sendTwo()), [2, 3]);
    const sequences = (await receiver.packets(count)).map(({ sequence }) => sequence);
    assert.deepEqual(sequences, range(sequences[0] ?? 0, (sequences[0] ?? 0) + count), 'and in one row of its own');
  });
}

/** The socket takes so many datagrams, and no more. */
function narrow(options: SubscriberOptions, room: number): SubscriberOptions {
  let left = room;
  const send = (datagram: Uint8Array): boolean => {
    left -= 1;
    return left >= 0 && options.send(datagram);
  };
  return { ...options, send, route: () => null };
}

async function blockedOnce(t: TestContext, create: CreateFanout): Promise<readonly number[]> {
  const { fanout, histories, add, blocked } = await setUp(t, create);
  const { receiver, subscriber, options, setRoute } = await add('AEAD_AES_128_GCM', rtx, id);
  setRoute(false);
  const narrowed = fanout.add(narrow(options, 2), subscriber.take());
  publish(histories.video, 0, [500, 500, 500, 100]);
  serve(fanout, 'video');
  assert.deepEqual(blocked, ['video']);
  fanout.add(options, narrowed.take());
  publish(histories.audio, 0, [160]);
  serve(fanout, 'audio');
  serve(fanout, 'video');
  return numbersOf(await receiver.packets(5));
}

for (const { name, create } of implementations) {
  test(`${name}: a number whose packet was not taken is the next packet's`, async (t) => {
    assert.deepEqual(await blockedOnce(t, create), range(0, 5));
  });
}
