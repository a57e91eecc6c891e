/** The actor's side of a rendition, with the test in place of its thread. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { RenditionWish } from '../../../actors/media/rendition-output.js';
import type { FromRendition, ToRendition } from '../../../actors/rendition/contract.js';
import { createRendition } from '../../../actors/rendition/rendition.js';
import { SluiceError } from '../../../src/errors.js';
import { until } from '../../support/until.js';

const wish: RenditionWish = {
  codec: 'H264',
  width: null,
  height: null,
  bitrateKbps: 500,
  fps: 30,
  preset: 'ultrafast',
  threads: 1,
  maxNalBytes: null,
  maxPixels: 9_437_184,
};
const frame = { data: Uint8Array.of(1, 2, 3), isKeyframe: true, pts90k: 0 };

/** Threads as the rendition opens them; `refusals` are thrown in place of the first ones. */
function open(t: TestContext, refusals: SluiceError[] = []) {
  const threads: MessagePort[] = [];
  const lines: { readonly event: string; readonly fields: object }[] = [];
  const rendition = createRendition({
    wish,
    config: { codec: 'H264', extraData: new Uint8Array(0) },
    shownAfter90k: Number.NEGATIVE_INFINITY,
    cached: () => [],
    onFrame: () => {},
    openThread: async () => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      const { port1, port2 } = new MessageChannel();
      threads.push(port2);
      return port1;
    },
    log: (_level, event, fields = {}) => lines.push({ event, fields }),
  });
  t.after(() => {
    rendition.close();
    for (const thread of threads) thread.close();
  });
  const thread = (n: number) => until(`thread ${n} is opened`, () => threads[n]);
  const events = () => lines.map(({ event }) => event);
  return { rendition, threads, thread, events };
}

const say = (thread: MessagePort, message: FromRendition): void => thread.postMessage(message);
const done = { kind: 'done', frames: [], tookMs: 1 } as const;

/** Resolves when the thread is told this. */
async function told(thread: MessagePort, kind: ToRendition['kind']): Promise<void> {
  for (;;) {
    const [message]: ToRendition[] = await once(thread, 'message');
    if (message?.kind === kind) return;
  }
}

test('frames that the decoder found fault with are counted', async (t) => {
  const { rendition, thread } = open(t);
  const first = await thread(0);
  const fed = told(first, 'unit');
  rendition.push(frame);
  await fed;
  for (const isIntact of [true, false, true, false]) say(first, { ...done, isIntact });
  await until('all are heard of', () => rendition.decodeErrors === 2);
  assert.equal(rendition.failure, null);
});

test('a codec that gives up is stopped, reported as the reason, and opened anew; the reason goes with the next frame', async (t) => {
  const { rendition, thread, events } = open(t);
  const first = await thread(0);
  const stopped = told(first, 'stop');
  say(first, { kind: 'failed', code: 'internal', detail: 'the decoder gave up' });
  await stopped;
  first.close();
  const second = await thread(1);
  assert.equal(rendition.failure, 'the decoder gave up');
  assert.deepEqual(events(), ['rendition.failed', 'rendition.lost']);
  say(second, { ...done, isIntact: true });
  await until('the reason is gone', () => rendition.failure === null);
});

test('where FFmpeg is missing no other thread is tried', async (t) => {
  const { rendition, threads, thread, events } = open(t);
  const first = await thread(0);
  say(first, { kind: 'failed', code: 'media.unavailable', detail: 'no binary' });
  const closed = once(first, 'close');
  first.close();
  await closed;
  await until('it is heard of', () => rendition.failure !== null);
  rendition.push(frame);
  assert.deepEqual([rendition.failure, threads.length, events()], ['no binary', 1, ['rendition.unavailable']]);
});

test('a thread that is refused is asked for again, and the refusal reported until then', async (t) => {
  const { rendition, thread } = open(t, [new SluiceError('pull.limit', 'media.maxRenditions is 4')]);
  await until('the refusal is told', () => rendition.failure?.includes('media.maxRenditions'));
  const first = await thread(0);
  say(first, { ...done, isIntact: true });
  await until('the reason is gone', () => rendition.failure === null);
});

test('a rendition whose threads end again and again is given up, with the reason', async (t) => {
  const { rendition, threads, thread, events } = open(t);
  for (let n = 0; n < 5; n += 1) {
    const one = await thread(n);
    say(one, { ...done, isIntact: true });
    await until('it has worked', () => rendition.meanMs !== null);
    const closed = once(one, 'close');
    one.close();
    await closed;
  }
  await until('it is given up', () => rendition.failure?.startsWith('given up'));
  assert.deepEqual([threads.length, events().at(-1)], [5, 'rendition.unavailable']);
});
