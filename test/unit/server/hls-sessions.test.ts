/** Who counts as a player by HLS, what it was sent, and when it has gone. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ErrorCode, SluiceError } from '../../../src/errors.js';
import { createHlsSessions } from '../../../src/server/hls-sessions.js';
import type { HttpRequest } from '../../../src/server/http.js';
import type { FragmentViewRequest } from '../../../src/supervisor/view.js';

interface Player {
  readonly ip?: string;
  readonly session?: string;
  readonly userAgent?: string;
}

const asking = ({ ip = '192.0.2.1', session = '', userAgent = 'a browser' }: Player): HttpRequest => ({
  method: 'GET',
  path: '/hls/cam/media.m3u8',
  query: new URLSearchParams(session === '' ? {} : { session }),
  client: { ip, reach: 'direct' },
  header: (name) => (name === 'user-agent' ? userAgent : ''),
});
const named = (n: number): string => n.toString(16).padStart(32, '0');

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const views = new Map<string, FragmentViewRequest>();
  let made = 0;
  const refusal: { code: ErrorCode | null } = { code: null };
  const sessions = createHlsSessions({
    async viewFragments(request) {
      if (refusal.code !== null) throw new SluiceError(refusal.code);
      made += 1;
      views.set(`v${made}`, request);
      return `v${made}`;
    },
    leave: async (viewerId) => views.delete(viewerId),
  });
  const stream = { pullId: 'p', name: 'cam', targetS: 2, isOver: () => false };
  const ask = async (player: Player, more: Partial<typeof stream> = {}, bytes = 100): Promise<void> =>
    (await sessions.asks(asking(player), { ...stream, ...more }))(bytes);
  const pass = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms);
    await turn();
  };
  return { sessions, views, refusal, stream, ask, pass };
}

test('one session is one viewer, whoever shares its address and browser', async (t) => {
  const { views, ask } = setUp(t);
  for (let n = 0; n < 3; n += 1) for (const session of [named(1), named(2)]) await ask({ session });
  assert.deepEqual([...views.keys()], ['v1', 'v2']);
  assert.deepEqual([views.get('v1')?.mediaProvider, views.get('v1')?.userAgent], ['HLS', 'a browser']);
});

test('a player that names no session, or a strange one, goes by its address and browser', async (t) => {
  const { views, ask } = setUp(t);
  for (const session of ['', 'x', named(1).toUpperCase().replace('1', 'G'), '../..']) await ask({ session });
  assert.equal(views.size, 1);
  await ask({ userAgent: 'another browser' });
  await ask({ ip: '192.0.2.2' });
  assert.equal(views.size, 3);
});

test('it has gone when it was silent for three target durations, and for ten seconds; while it waits for an answer it is not', async (t) => {
  const { sessions, views, stream, ask, pass } = setUp(t);
  await ask({ session: named(1) });
  await ask({ session: named(2) }, { targetS: 10 });
  await pass(9999);
  assert.equal(views.size, 2);
  await pass(1);
  assert.deepEqual([...views.keys()], ['v2']);
  await pass(20_000);
  assert.deepEqual([...views.keys()], []);
  const answered = await sessions.asks(asking({ session: named(3) }), stream);
  await pass(60_000);
  assert.deepEqual([...views.keys()], ['v3']);
  answered(0);
  await pass(10_000);
  assert.equal(views.size, 0);
});

test('its bytes are those of its lists and of the files of its client', async (t) => {
  const { sessions, views, ask } = setUp(t);
  await ask({ session: named(1) }, {}, 100);
  sessions.sent(asking({}), 'p', 5000);
  sessions.sent(asking({}), 'another stream', 1);
  sessions.sent(asking({ userAgent: 'nobody' }), 'p', 1);
  assert.equal(views.get('v1')?.bytesSent(), 5100);
});

test('one that REST ended is refused while it goes on asking, and comes again anew; one lost with its source may go on', async (t) => {
  const { views, stream, ask, pass } = setUp(t);
  await ask({ session: named(1) });
  views.get('v1')?.onEnded(null);
  for (let n = 0; n < 3; n += 1) {
    await assert.rejects(ask({ session: named(1) }), { code: 'viewer.ended' });
    await pass(5000);
  }
  await ask({ session: named(2) });
  // Its stream has ended with it: what is left of it may be played.
  await ask({ session: named(1) }, { isOver: () => true });
  await pass(10_000);
  await ask({ session: named(1) });
  views.get('v3')?.onEnded('source.ended');
  await ask({ session: named(1) });
  assert.ok(views.has('v4'));
  assert.equal(stream.targetS, 2);
});

test('one that is refused leaves nothing behind', async (t) => {
  const { views, refusal, ask } = setUp(t);
  refusal.code = 'request.tooMany';
  for (let n = 0; n < 100; n += 1) await assert.rejects(ask({ session: named(n) }), { code: 'request.tooMany' });
  refusal.code = null;
  await ask({ session: named(1) });
  assert.equal(views.size, 1);
});
