/** All streams on one port: viewers outlive the thread that serves them, and those of other streams see nothing of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import { countSinglePort } from '../../src/threads/single-port.js';
import { startOrigin, type TestOrigin } from '../support/source/origin.js';
import { watchStream } from '../support/threads/watched-stream.js';
import { until } from '../support/until.js';
import { assertNoGap } from '../support/viewer/stream-viewer.js';

const native = nativeThreads() ?? assert.fail('the add-on was not built');
let origin: TestOrigin;
let singlePort = 0;

before(async () => {
  origin = await startOrigin();
  singlePort = native.startDemultiplexer(['127.0.0.1'], 0);
});
after(async () => {
  native.stopDemultiplexer();
  await origin.close();
});

for (const fault of ['throw', 'hang'] as const) {
  test(`${fault}: viewers of all threads of the stream go on, at the same port`, async (t) => {
    const webrtc = { singlePort };
    const { streams, enter, told, lines } = await watchStream(t, origin, { perShard: 1, maxShards: 1 }, { webrtc });
    const other = await watchStream(t, origin, {}, { webrtc });
    const guests = [await enter('first'), await enter('second')];
    const beside = await other.enter('beside');
    const byTcp = await other.enter('by TCP', { tcp: true });
    const all = [...guests, beside, byTcp];
    assert.deepEqual(
      all.map(({ port }) => port),
      all.map(() => singlePort),
    );
    for (const guest of all) await guest.whenVideo(20);
    streams.inject('hot', fault);
    await until('the thread ends', () => lines.find(({ event }) => event === 'actor.ended'), 60_000);
    for (const guest of all) assertNoGap(await guest.whenVideo(guest.video().length + 30));
    assert.deepEqual([[...told], [...other.told]], [[], []]);
    assert.deepEqual([streams.find('hot')?.viewers, streams.find('hot')?.restarts], [2, 1]);
    const { lost } = countSinglePort();
    assert.equal(lost, 0);
  });
}
