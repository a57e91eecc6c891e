import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SluiceError } from '../../../src/errors.js';
import { answer, fakeStreams, request, watch } from '../../support/threads/fake-threads.js';

const uri = 'rtmp://source.example/live/cam';

test('a viewer gets the answer of the actor, and is notified of its media and its end', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  const { pullId } = streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  const { viewerId, ...rest } = await viewer.view;
  assert.match(viewerId, /^[0-9a-f]{32}$/);
  assert.deepEqual(rest, { ...answer, localName: 'cam' });
  threads[0]?.emit({ kind: 'viewer.connected', viewerId, iceMs: 1, dtlsMs: 2 });
  threads[0]?.emit({ kind: 'viewer.ended', viewerId, reason: 'viewer.iceKeepAlive' });
  assert.deepEqual(viewer.notified, ['connected', 'ended viewer.iceKeepAlive']);
  assert.equal(streams.find('cam')?.viewers, 0);
  assert.equal(await streams.leave(viewerId), false);
  assert.equal((await streams.stats(pullId)).sourceBytes, 1);
});

test("an ICE restart goes to the viewer's actor, and is refused where there is none", async (t) => {
  const { streams, threads } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const { viewerId } = await watch(streams, 'cam').view;
  assert.deepEqual(await streams.restart(viewerId, 'abcd'), { fragment: 'a=ice-lite', iceTag: 'next' });
  assert.deepEqual(threads[0]?.calls.slice(1), [`restart ${viewerId} abcd`]);
  await streams.leave(viewerId);
  await assert.rejects(streams.restart(viewerId, 'efgh'), { code: 'session.notFound' });
});

test('a viewer that leaves is removed from its actor, and is not notified', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  threads[0]?.live();
  const viewer = watch(streams, 'cam');
  const { viewerId } = await viewer.view;
  assert.equal(await streams.leave(viewerId), true);
  assert.deepEqual(threads[0]?.calls.slice(1), [`leave ${viewerId} viewer`]);
  assert.deepEqual(viewer.notified, []);
});

test('viewers are listed as they are named in signalling, credentials masked, and one is terminated alone', async (t) => {
  const { streams, threads } = await fakeStreams(t);
  const secret = 'rtmp://user:pa55@source.example/live/cam';
  streams.pull(request(secret, { localStreamName: 'cam' }));
  threads[0]?.live();
  const signalled = { mediaSessionId: 'm', sessionId: '/a/b', isTcpOnly: false };
  const [first, second] = [watch(streams, secret, { signalled }), watch(streams, 'cam')];
  const [{ viewerId }] = await Promise.all([first.view, second.view]);
  assert.deepEqual(
    streams.viewers().map(({ name, signalled: ids }) => [name, ids]),
    [
      ['rtmp://***@source.example/live/cam', signalled],
      ['cam', null],
    ],
  );
  streams.terminateViewer(viewerId);
  assert.deepEqual([first.notified, second.notified], [['ended null'], []]);
  assert.equal(threads[0]?.calls.at(-1), `leave ${viewerId} terminate`);
  assert.deepEqual([streams.viewers().length, streams.find('cam')?.state], [1, 'PROCESSED_REMOTE']);
  assert.throws(() => streams.terminateViewer(viewerId), { code: 'session.notFound' });
});

test('a viewer waits for the media of its stream', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const viewer = watch(streams, 'cam');
  await pass(4000);
  assert.deepEqual(threads[0]?.calls, []);
  threads[0]?.live();
  assert.equal((await viewer.view).localName, 'cam');
});

test('a stream whose thread is not up in viewers.startTimeoutMs is not live', async (t) => {
  const { streams, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const refused = assert.rejects(watch(streams, 'cam').view, { code: 'stream.notLive' });
  await pass(10_000);
  await refused;
});

test('an unknown name, or one that was terminated, is not found', async (t) => {
  const { streams } = await fakeStreams(t);
  await assert.rejects(watch(streams, 'cam').view, { code: 'stream.notFound' });
  streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.terminate({ uri });
  await assert.rejects(watch(streams, 'cam').view, { code: 'stream.notFound' });
});

test('a viewer whose stream is terminated while it waits gets no session, and no later notification', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const viewer = watch(streams, 'cam');
  await pass(0);
  streams.terminate({ uri });
  await assert.rejects(viewer.view, { code: 'stream.notFound' });
  await pass(60_000);
  assert.deepEqual([viewer.notified, threads[0]?.calls], [[], ['stop terminate']]);
});

test('a viewer whose actor dies during its call joins the next one, once', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const [first] = threads;
  assert.ok(first !== undefined);
  first.joins = () => new Promise(() => {});
  first.live();
  const viewer = watch(streams, 'cam');
  await pass(0);
  first.end();
  await pass(250);
  threads[1]?.live();
  const { viewerId } = await viewer.view;
  assert.deepEqual(threads[1]?.calls, [`join ${viewerId}`]);
  assert.deepEqual(viewer.notified, []);
});

test('a viewer whose actor dies during its call twice gets that error', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const refused = assert.rejects(watch(streams, 'cam').view, { code: 'actor.dead' });
  for (const waitMs of [250, 500]) {
    const thread = threads.at(-1);
    assert.ok(thread !== undefined);
    thread.joins = () => new Promise(() => {});
    thread.live();
    await pass(0);
    thread.end();
    await pass(waitMs);
  }
  await refused;
});

test("an actor's error reaches the viewer unchanged, and no viewer is left behind", async (t) => {
  const { streams, threads } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  const [thread] = threads;
  assert.ok(thread !== undefined);
  thread.joins = () => Promise.reject(new SluiceError('viewer.limit', 'full'));
  thread.live();
  await assert.rejects(watch(streams, 'cam').view, { code: 'viewer.limit', detail: 'full' });
  assert.equal(streams.find('cam')?.viewers, 0);
  assert.match(thread.calls[1] ?? '', /^leave [0-9a-f]{32} viewer$/);
});

test('a uri without a pull is pulled for its first viewer, shared by the next, and ended after the last', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  const viewers = [watch(streams, uri), watch(streams, 'RTMP://source.example:1935/live/cam')];
  await pass(0);
  assert.equal(threads.length, 1);
  assert.equal(threads[0]?.options.boot.spec.origin, 'viewer');
  threads[0]?.live();
  const [first, second] = await Promise.all(viewers.map(({ view }) => view));
  await streams.leave(first?.viewerId ?? '');
  await pass(5000);
  assert.equal(streams.find(uri)?.viewers, 1);
  await streams.leave(second?.viewerId ?? '');
  await pass(900);
  assert.equal(streams.find(uri)?.state, 'PROCESSED_REMOTE');
  await pass(100);
  assert.equal(streams.find(uri)?.state, 'STOPPED');
  assert.equal(threads[0]?.calls.at(-1), 'stop viewer');
});

test('a viewer that comes back in time keeps its pull on demand', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  const first = watch(streams, uri);
  await pass(0);
  threads[0]?.live();
  await streams.leave((await first.view).viewerId);
  await pass(900);
  await watch(streams, uri).view;
  await pass(5000);
  assert.equal(streams.find(uri)?.state, 'PROCESSED_REMOTE');
  assert.equal(threads.length, 1);
});

test('a pull on demand that never has media ends too', async (t) => {
  const { streams, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  const refused = assert.rejects(watch(streams, uri).view, { code: 'stream.notLive' });
  await pass(10_000);
  await refused;
  await pass(1000);
  assert.equal(streams.find(uri)?.state, 'STOPPED');
});

test('a pull by REST stays without viewers', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { idleMs: 1000 } });
  streams.pull(request(uri));
  threads[0]?.live();
  await streams.leave((await watch(streams, uri).view).viewerId);
  await pass(60_000);
  assert.equal(streams.find(uri)?.state, 'PROCESSED_REMOTE');
});

test('a pull on demand that FAILED tells its viewer only that it does not play, and may be started again', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  const denied = assert.rejects(watch(streams, uri).view, { code: 'source.unavailable', detail: '' });
  await pass(0);
  threads[0]?.emit({ kind: 'source.state', state: 'FAILED', reason: 'source.addressDenied', detail: '' });
  await denied;
  assert.equal(streams.find(uri)?.reason, 'source.addressDenied');
  watch(streams, uri);
  await pass(0);
  assert.equal(threads.length, 2);
});

test('pulls per minute and address are limited; a stream that is pulled already does not count', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t, { pulls: { viewerPullsPerMinute: 2 } });
  for (const n of [1, 1, 1, 2]) watch(streams, `${uri}${n}`);
  await assert.rejects(watch(streams, `${uri}3`).view, { code: 'request.tooMany' });
  watch(streams, `${uri}3`, { clientIp: '192.0.2.2' });
  await pass(0);
  assert.equal(threads.length, 3);
  await pass(30_000);
  watch(streams, `${uri}4`);
  await pass(0);
  assert.equal(threads.length, 4);
});

test('a uri that cannot be parsed is refused', async (t) => {
  const { streams } = await fakeStreams(t);
  await assert.rejects(watch(streams, 'rtmp://').view, { code: 'request.invalid' });
});

test('viewers per address are limited', async (t) => {
  const { streams, threads } = await fakeStreams(t, { viewers: { maxPerIp: 1 } });
  streams.pull(request(uri));
  threads[0]?.live();
  await watch(streams, uri).view;
  await assert.rejects(watch(streams, uri).view, { code: 'request.tooMany' });
  await watch(streams, uri, { clientIp: '192.0.2.2' }).view;
});

test('fault injection is refused unless the configuration allows it; then it reaches the thread', async (t) => {
  const { streams } = await fakeStreams(t);
  streams.pull(request(uri));
  assert.throws(() => streams.inject(uri, 'hang'), { code: 'control.forbidden' });
  t.mock.timers.reset();
  const drill = await fakeStreams(t, { supervisor: { faultInjection: true, startsAtOnce: 64 } });
  assert.throws(() => drill.streams.inject(uri, 'hang'), { code: 'stream.notFound' });
  drill.streams.pull(request(uri));
  assert.throws(() => drill.streams.inject(uri, 'hang'), { code: 'stream.notLive' });
  drill.threads[0]?.live();
  drill.streams.inject(uri, 'hang');
  assert.deepEqual(drill.threads[0]?.calls, ['inject hang']);
});

test('statistics of a pull that is unknown, or has no thread, are an error', async (t) => {
  const { streams } = await fakeStreams(t);
  await assert.rejects(streams.stats('unknown'), { code: 'pull.notFound' });
  const { pullId } = streams.pull(request(uri));
  await assert.rejects(streams.stats(pullId), { code: 'stream.notLive' });
});

test('shutdown: all threads are asked to stop at once, viewers are notified, new work is refused', async (t) => {
  const { streams, threads, pass } = await fakeStreams(t);
  streams.pull(request(uri, { localStreamName: 'cam' }));
  streams.pull(request(`${uri}2`));
  for (const thread of threads) thread.live();
  const viewer = watch(streams, 'cam');
  await viewer.view;
  const closed = streams.close();
  assert.deepEqual(viewer.notified, ['ended server.draining']);
  assert.throws(() => streams.pull(request(`${uri}3`)), { code: 'server.draining' });
  await assert.rejects(watch(streams, 'cam').view, { code: 'server.draining' });
  await closed;
  assert.deepEqual(
    threads.map(({ calls }) => calls.at(-1)),
    ['stop shutdown', 'stop shutdown'],
  );
  await pass(120_000);
  assert.equal(threads.length, 2);
});

test('shutdown ends even if a thread does not end, which is logged', async (t) => {
  const { streams, threads, lines, pass } = await fakeStreams(t);
  streams.pull(request(uri));
  const [thread] = threads;
  assert.ok(thread !== undefined);
  thread.stopsWhenAsked = false;
  thread.inNative = true;
  const closed = streams.close();
  await pass(5000);
  await closed;
  assert.deepEqual(thread.done, ['condemn overdue', 'abandon'], 'it is not terminated inside node-av');
  assert.equal(streams.stuckThreads, 1);
  assert.ok(lines.some(({ event }) => event === 'actors.leftBehind'));
});
