/** Large frames in rounds, by both fan-outs over real sockets; time passes when told. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CreateFanout } from '../../../actors/fanout/fanout.js';
import { createSlices } from '../../../actors/fanout/slices.js';
import { idOf, implementations, publish, setUp } from '../../support/fanout/fanout-stage.js';

const viewers = 3;

async function setRounds(t: TestContext, create: CreateFanout) {
  const { fanout, histories, add } = await setUp(t, create);
  const subscribers = await Promise.all(Array.from({ length: viewers }, () => add()));
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
  let nowMs = 0;
  const slices = createSlices({
    fanout,
    audioHistory: histories.audio,
    videoHistory: histories.video,
    nowMs: () => nowMs,
  });
  return {
    histories,
    slices,
    show(packets: number, startsGop = false) {
      publish(histories.video, 3000 * histories.video.end, Array<number>(packets).fill(1100), startsGop);
      slices.published();
      t.mock.timers.tick(0);
    },
    audio() {
      publish(histories.audio, 960 * histories.audio.end, [160]);
      slices.published();
      t.mock.timers.tick(0);
    },
    pass(ms: number) {
      nowMs += ms;
      t.mock.timers.tick(ms);
    },
    /** How far each viewer has come. */
    come: (track: 'audio' | 'video' = 'video') => subscribers.map((subscriber) => subscriber[track].cursor),
    /** What each has received in the end: numbers in the history, in the order of their coming. */
    async received(count: number) {
      slices.close();
      t.mock.timers.reset();
      const all = await Promise.all(subscribers.map(({ receiver }) => receiver.packets(count)));
      return all.map((packets) => packets.map(({ payloadType, payload }) => [payloadType, idOf(payload)]));
    },
  };
}

const all = (packets: number): readonly number[] => Array<number>(viewers).fill(packets);
const video = (from: number, to: number): readonly (readonly number[])[] =>
  Array.from({ length: to - from }, (_, n) => [102, from + n]);

for (const { name, create } of implementations) {
  test(`${name}: a keyframe goes to all in rounds, audio goes between them, and what comes behind it waits`, async (t) => {
    const { show, audio, pass, come, received } = await setRounds(t, create);
    show(9);
    assert.deepEqual(come(), all(9), 'a small frame at once');
    show(85, true);
    assert.deepEqual(come(), all(25));
    pass(1);
    assert.deepEqual(come(), all(25));
    audio();
    assert.deepEqual(come('audio'), all(1), 'audio in the pause');
    assert.deepEqual(come(), all(25));
    pass(1);
    assert.deepEqual(come(), all(41));
    show(9);
    assert.deepEqual(come(), all(41), 'the next frame waits');
    pass(2);
    pass(2);
    assert.deepEqual(come(), all(73));
    pass(2);
    assert.deepEqual(come(), all(103));
    for (const seen of await received(104)) {
      assert.deepEqual(seen, [...video(0, 25), [111, 0], ...video(25, 103)]);
    }
  });

  test(`${name}: a round that took longer than the pause is followed by the next at once`, async (t) => {
    const { histories, show, pass, come, received } = await setRounds(t, create);
    show(60, true);
    assert.deepEqual(come(), all(16));
    pass(30);
    assert.deepEqual(come(), all(32), 'once, however late it is');
    pass(2);
    assert.deepEqual(come(), all(histories.video.end));
    for (const seen of await received(60)) assert.deepEqual(seen, video(0, 60));
  });

  test(`${name}: nothing is sent any more when it is closed in a pause`, async (t) => {
    const { slices, show, pass, come } = await setRounds(t, create);
    show(60, true);
    slices.close();
    pass(50);
    assert.deepEqual(come(), all(16));
  });
}
