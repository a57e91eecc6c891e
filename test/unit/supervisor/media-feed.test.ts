/** What flows from a stream's thread to one taker, whatever becomes of the thread. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createChanges } from '../../../src/supervisor/changes.js';
import { keepFeed } from '../../../src/supervisor/media-feed.js';
import { within } from '../../support/until.js';

function startThread(t: TestContext) {
  let abandon = (): void => {};
  const abandoned = new Promise<void>((resolve) => {
    abandon = resolve;
  });
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  return { abandoned, abandon, own: port1, feed: { port: port2 } };
}

type Thread = ReturnType<typeof startThread>;

/** A pull and its taker, who waits for the next port. */
function setStage(t: TestContext, first: Thread) {
  const changes = createChanges();
  let thread: Thread | null = first;
  const attached: MessagePort[] = [];
  const over: unknown[] = [];
  const pull = {
    changes,
    status: { isOver: false, reason: null },
    get thread() {
      return thread;
    },
  };
  const feed = keepFeed({
    pull,
    open: async (of: Thread) => of.feed,
    async attach(port) {
      attached.push(port);
      changes.notify();
      await once(port, 'close');
    },
    onOver: (reason) => over.push(reason),
  });
  t.after(feed.close);
  return {
    over,
    become(next: Thread | null) {
      thread = next;
      changes.notify();
    },
    attachedTo: (to: Thread) =>
      changes.until(() => (attached.at(-1) === to.feed.port ? attached.length : undefined), 10_000),
  };
}

test('it goes on with the next thread when the port of the one before closes', async (t) => {
  const [first, second] = [startThread(t), startThread(t)];
  const stage = setStage(t, first);
  assert.equal(await stage.attachedTo(first), 1);
  stage.become(null);
  first.own.close();
  stage.become(second);
  assert.equal(await stage.attachedTo(second), 2);
  assert.deepEqual(stage.over, []);
});

test('it goes on with the next thread when the one before is abandoned, whose port closes never', async (t) => {
  const [first, second] = [startThread(t), startThread(t)];
  const stage = setStage(t, first);
  assert.equal(await stage.attachedTo(first), 1);
  const closed = once(first.own, 'close');
  stage.become(null);
  first.abandon();
  stage.become(second);
  assert.equal(await stage.attachedTo(second), 2);
  await within('the port of the abandoned one closes', closed, 10_000);
  assert.deepEqual(stage.over, []);
});
