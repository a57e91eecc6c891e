/** Viewers outlive the thread that serves them: same port, same keys, no index twice, RTP time that goes on. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { watchStream } from '../support/threads/watched-stream.js';
import { until } from '../support/until.js';
import { assertNoGap, type SeenRtp } from '../support/viewer/stream-viewer.js';

let origin: TestOrigin;

before(async () => {
  origin = await startOrigin();
});
after(() => origin.close());

/** Extended: 16 bits that went round count on. */
function indicesOf(packets: readonly SeenRtp[]): readonly number[] {
  let last = packets[0]?.sequence ?? 0;
  return packets.map(({ sequence }) => {
    last += ((((sequence - last) % 0x1_0000) + 0x1_8000) % 0x1_0000) - 0x8000;
    return last;
  });
}

/** RFC 5761 4. */
const isRtcp = (datagram: Buffer): boolean => datagram.readUInt8(1) >= 192 && datagram.readUInt8(1) <= 223;

/**
 * Of each source what was encrypted under which index (RFC 3711 9.1): of RTP its numbers, which are few enough not to go round; of
 * RTCP the index at the end of the packet (RFC 7714 9.1).
 */
function createIndexWatch() {
  const used = new Map<string, number[]>();
  return {
    hears(datagram: Buffer): boolean {
      const [source, index] = isRtcp(datagram)
        ? [`RTCP ${datagram.readUInt32BE(4)}`, datagram.readUInt32BE(datagram.length - 4) & 0x7fff_ffff]
        : [`RTP ${datagram.readUInt32BE(8)}`, datagram.readUInt16BE(2)];
      used.set(source, [...(used.get(source) ?? []), index]);
      return true;
    },
    sources: () =>
      [...used].map(([source, all]) => ({ source, indices: all.length, twice: all.length - new Set(all).size })),
  };
}

/** Between two packets: by the clock, and by their timestamps. */
function longestPause(packets: readonly SeenRtp[]): { readonly passedMs: number; readonly rtpMs: number } {
  const pauses = packets.slice(1).map((packet, n) => {
    const before = packets[n] ?? packet;
    return {
      passedMs: Number(packet.atNs - before.atNs) / 1e6,
      rtpMs: ((packet.timestamp - before.timestamp) | 0) / 90,
    };
  });
  return pauses.reduce((longest, pause) => (pause.passedMs > longest.passedMs ? pause : longest));
}

for (const fanout of ['native', 'js'] as const) {
  for (const fault of ['throw', 'hang', 'heap'] as const) {
    test(`${fanout}, ${fault}: its viewers go on with their sessions`, async (t) => {
      const { streams, enter, told, heard, lines, viewerIds } = await watchStream(
        t,
        origin,
        {},
        { webrtc: { fanout } },
      );
      const guest = await enter('guest');
      const before = (await guest.whenVideo(30)).length;
      streams.inject('hot', fault);
      await until('the thread ends', () => lines.find(({ event }) => event === 'actor.ended'), 60_000);
      const atEnd = guest.video().length;
      const packets = await until('packets again', () => {
        const all = guest.video();
        return all.length >= atEnd + 30 ? all : undefined;
      });
      assert.ok(before > 0);
      assert.deepEqual([...told], []);
      assert.deepEqual(heard.get('guest'), ['actor.dead', null]);
      assert.equal(streams.find('hot')?.viewers, 1);
      assert.equal(streams.find('hot')?.restarts, 1);
      const indices = indicesOf(packets);
      assert.equal(new Set(indices).size, indices.length, 'no index was used twice');
      indices.forEach((index, n) => {
        if (n > 0) assert.equal(index, (indices[n - 1] ?? 0) + 1, 'and none was left out');
      });
      const { passedMs, rtpMs } = longestPause(packets);
      assert.ok(Math.abs(passedMs - rtpMs) < 1000, `${rtpMs} ms of RTP time in ${passedMs} ms`);
      const viewerId = viewerIds.get('guest') ?? assert.fail();
      assert.match((await streams.restart(viewerId, 'abcd')).fragment, /ice-pwd/);
      assert.equal(await streams.leave(viewerId), true);
      assert.equal(streams.find('hot')?.viewers, 0);
    });
  }
}

/** What no clock judges: each has a supervisor and a stream of its own. */
describe('viewers outlive their thread', { concurrency: 3 }, () => {
  for (const fanout of ['native', 'js'] as const) {
    test(`${fanout}: a restart in order is a gap of a moment, and no viewer is told`, async (t) => {
      const { streams, enter, told, heard, pullId } = await watchStream(t, origin, {}, { webrtc: { fanout } });
      const guest = await enter('guest');
      const before = (await guest.whenVideo(30)).length;
      const report = await streams.restartThread(pullId);
      assert.deepEqual([report?.viewersKept, report?.viewersLost], [1, 0]);
      const packets = await guest.whenVideo(before + 60);
      const indices = indicesOf(packets);
      assert.deepEqual(
        indices,
        indices.map((_, n) => (indices[0] ?? 0) + n),
        'no index was used twice, and none left out',
      );
      assert.deepEqual([...told], []);
      assert.deepEqual(heard.get('guest'), []);
      assert.equal(streams.find('hot')?.restarts, 0);
      const viewerId = streams.viewers()[0]?.viewerId ?? assert.fail();
      assert.match((await streams.restart(viewerId, 'abcd')).fragment, /ice-pwd/);
    });
  }

  test('viewers of all threads of a stream go on when its own thread dies, and when it dies again', async (t) => {
    const { streams, enter, told, lines } = await watchStream(t, origin, { perShard: 1, maxShards: 2 });
    const guests = [await enter('first'), await enter('second'), await enter('third')];
    assert.equal(new Set(guests.map(({ port }) => port)).size, 3);
    for (const guest of guests) await guest.whenVideo(20);
    for (const deaths of [1, 2]) {
      streams.inject('hot', 'throw');
      await until('it dies', () => lines.filter(({ event }) => event === 'actor.ended').length === deaths);
      for (const guest of guests) {
        const packets = await guest.whenVideo(guest.video().length + 25);
        assert.equal(new Set(indicesOf(packets)).size, packets.length);
      }
    }
    assert.deepEqual([...told], []);
    assert.equal(streams.find('hot')?.viewers, 3);
  });

  test('no SRTP index is used twice over 20 deaths, nor one of SRTCP, and none of the video is left out', async (t) => {
    // Each death is the first in its window.
    const { streams, enter, told, lines } = await watchStream(t, origin, {}, { supervisor: { restartWindowMs: 1 } });
    const indicesUsed = createIndexWatch();
    const guest = await enter('guest', { hearsMedia: indicesUsed.hears });
    await guest.whenVideo(20);
    /** As RTX, under numbers of its own (RFC 4588 4). */
    const sentAgain = (): number => {
      const video = `RTP ${guest.video()[0]?.ssrc}`;
      const rtx = indicesUsed.sources().find(({ source }) => source.startsWith('RTP ') && source !== video);
      return rtx?.indices ?? 0;
    };
    for (let deaths = 1; deaths <= 20; deaths += 1) {
      streams.inject('hot', 'throw');
      await until('it dies', () => lines.filter(({ event }) => event === 'actor.ended').length === deaths);
      const packets = await guest.whenVideo(guest.video().length + 5);
      guest.nack(packets.at(-1)?.sequence ?? 0);
      // The next death may not come before it is read.
      await until('it is sent again', () => sentAgain() === deaths);
    }
    const sources = indicesUsed.sources();
    t.diagnostic(JSON.stringify(sources));
    for (const { indices, twice } of sources) assert.ok(indices > 5 && twice === 0, JSON.stringify(sources));
    // The video, what of it was sent again, and the reports of at least the video.
    assert.ok(sources.length >= 3, JSON.stringify(sources));
    const indices = indicesOf(guest.video());
    assert.deepEqual(
      indices,
      indices.map((_, n) => (indices[0] ?? 0) + n),
    );
    assert.deepEqual([...told], []);
  });

  test('who joins while the thread is replaced on purpose plays, and so do those who were there', async (t) => {
    const { streams, enter, told, pullId, viewerIds } = await watchStream(t, origin);
    const guests = [await enter('first'), await enter('second')];
    let isOver = false;
    /** Comes, plays and leaves, one after the other. */
    const visit = async (): Promise<number> => {
      let visits = 0;
      for (; !isOver; visits += 1) {
        const guest = await enter('visitor');
        await guest.whenVideo(1);
        await streams.leave(viewerIds.get('visitor') ?? '');
      }
      return visits;
    };
    const visits = visit();
    for (let restarts = 0; restarts < 4; restarts += 1) {
      assert.equal((await streams.restartThread(pullId))?.viewersLost, 0);
    }
    isOver = true;
    assert.ok((await visits) >= 4, `${await visits} visits`);
    for (const guest of guests) assertNoGap((await guest.whenVideo(guest.video().length + 25)).slice(-25));
    assert.deepEqual([...told], []);
  });

  test('a viewer that is reached by TCP alone is told to come again', async (t) => {
    const { streams, enter, told } = await watchStream(t, origin);
    const guest = await enter('guest', { tcp: true });
    await guest.whenVideo(10);
    streams.inject('hot', 'throw');
    await until('it is told', () => told.size > 0);
    assert.deepEqual([...told], [['guest', 'actor.dead']]);
    const again = await enter('again', { tcp: true });
    await again.whenVideo(10);
  });
});

for (const fault of ['throw', 'hang'] as const) {
  test(`${fault}: over the gap the port is nobody else's, and tells nobody that it is closed`, async (t) => {
    const { streams, enter, lines } = await watchStream(t, origin);
    const guest = await enter('guest');
    await guest.whenVideo(20);
    // A connected socket hears of an ICMP message, as browsers' sockets do.
    const knocking = createSocket('udp4');
    t.after(() => {
      clearInterval(timer);
      knocking.close();
    });
    const errors: string[] = [];
    knocking.on('error', ({ message }) => errors.push(message));
    knocking.connect(guest.port, '127.0.0.1');
    await once(knocking, 'connect');
    const takes = (): Promise<boolean> =>
      new Promise((resolve) => {
        const other = createSocket('udp4');
        other.once('error', () => other.close(() => resolve(false)));
        other.bind(guest.port, '127.0.0.1', () => other.close(() => resolve(true)));
      });
    let tries = 0;
    const isHeld = async (): Promise<void> => {
      tries += 1;
      assert.equal(await takes(), false, 'another socket got the port');
    };
    const timer = setInterval(() => knocking.send(Buffer.of(0)), 1);
    streams.inject('hot', fault);
    await until('the thread ends', async () => {
      await isHeld();
      return lines.find(({ event }) => event === 'actor.ended');
    });
    const atEnd = guest.video().length;
    await until('packets again', async () => {
      await isHeld();
      return guest.video().length >= atEnd + 20;
    });
    assert.ok(tries > 5);
    assert.deepEqual(errors, []);
  });
}
