/** Another thread takes the place of the one that works: in order, or where that one does not do as it is told. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SessionRecord } from '../../../actors/session-record.js';
import { SluiceError } from '../../../src/errors.js';
import { type FakeThread, fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';
const port = { id: '5000', port: 5000, inbox: null, sockets: [] };

/** A stream with one viewer, and its restart, whose new thread has media now. `prepare`: how the old one takes it. */
async function restart(t: TestContext, prepare: (old: FakeThread) => void) {
  const { streams, threads, pass } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  const old = threads[0] ?? assert.fail();
  old.live();
  const viewer = watch(streams, 'cam');
  const { viewerId } = await viewer.view;
  // All that is looked at here.
  const session: SessionRecord = JSON.parse(JSON.stringify({ viewerId, portId: port.id }));
  old.emit({ kind: 'port.opened', held: port });
  old.emit({ kind: 'viewer.session', viewerId, session });
  prepare(old);
  const restarted = streams.restartThread(pullId);
  await pass(50);
  const next = threads[1] ?? assert.fail();
  next.live();
  await pass(50);
  return { streams, restarted, old, next, viewer, viewerId, pass };
}

test('the old thread lets go, the new one takes over, and no viewer is told', async (t) => {
  const { restarted, old, next, viewer, viewerId } = await restart(t, () => {});
  assert.equal((await restarted)?.viewersKept, 1);
  assert.deepEqual(old.calls.slice(-2), ['handOver', 'stop shutdown']);
  assert.deepEqual(next.calls, [`takeOver ${viewerId}`]);
  assert.deepEqual(viewer.notified, []);
});

test('one that does not say that it has let go is ended first: it serves nobody any more', async (t) => {
  const { restarted, old, next, viewer, viewerId, pass } = await restart(t, (thread) => {
    thread.handsOver = () => Promise.reject(new SluiceError('actor.timeout'));
    thread.stopsWhenAsked = false;
  });
  assert.deepEqual(old.calls.slice(-2), ['handOver', 'stop shutdown']);
  assert.deepEqual(next.calls, [], 'two threads never send to one viewer');
  old.end({ cause: 'overdue' });
  await pass(50);
  assert.equal((await restarted)?.viewersKept, 1);
  assert.deepEqual(next.calls, [`takeOver ${viewerId}`]);
  assert.deepEqual(viewer.notified, []);
});

test('one that dies as it lets go is followed as after any death, and the restart says so', async (t) => {
  const { streams, restarted, old, next, viewer, pass } = await restart(t, (thread) => {
    thread.handsOver = () => new Promise(() => {});
  });
  const refused = assert.rejects(restarted, { code: 'actor.dead' });
  old.end();
  await refused;
  await pass(50);
  assert.deepEqual(next.calls, ['stop shutdown']);
  assert.equal(streams.find('cam')?.restarts, 1);
  assert.deepEqual(viewer.notified, ['lost actor.dead']);
});
