import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Route } from '../../src/server/router.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

const routes: Route[] = [];
/** Set: every route fails like this. */
let fail: (() => never | Promise<never>) | null = null;
/** Which handler of a socket fails. */
let failing: 'accepts' | 'open' | 'text' | 'binary' | 'closed' | null = null;
let stage: ServerStage;

const failWhen = (handler: typeof failing): void => {
  if (failing === handler) throw new Error(`${handler} failed`);
};

before(async () => {
  stage = await startStage({
    wrapRoutes(table) {
      routes.push(...table);
      return table.map((route) => ({
        ...route,
        handle: (request, body) => (fail === null ? route.handle(request, body) : fail()),
      }));
    },
    wrapSockets: (serving) => ({
      ...serving,
      accepts() {
        failWhen('accepts');
        return serving.accepts();
      },
      open(peer) {
        failWhen('open');
        const session = serving.open(peer);
        return {
          text(text) {
            failWhen('text');
            session.text(text);
          },
          binary() {
            failWhen('binary');
            session.binary();
          },
          closed() {
            session.closed();
            failWhen('closed');
          },
        };
      },
    }),
  });
});
after(() => stage.end());

const faults = {
  'throws at once': () => {
    throw new Error('a bug, with a secret in its words');
  },
  'throws something that is no error': () => {
    throw null;
  },
  rejects: () => Promise.reject(new Error('a bug, with a secret in its words')),
} as const;

for (const [fault, failure] of Object.entries(faults)) {
  test(`a route that ${fault} answers 500 without the error's message, and the process goes on`, async (t) => {
    fail = failure;
    t.after(() => {
      fail = null;
    });
    assert.ok(routes.length >= 20);
    // A route with a condition is found by more than its path.
    for (const { methods, path } of routes.filter(({ when }) => when === undefined)) {
      for (const method of methods) {
        const target = path.replace('/*', '/x');
        const answer = await stage.ask(target, { method });
        assert.equal(answer.status, 500, `${method} ${target}`);
        assert.doesNotMatch(answer.body, /secret/);
      }
    }
    fail = null;
    assert.equal((await stage.ask('/healthz')).status, 200);
  });
}

test('a reply that cannot be written closes the connection, and the process goes on', async (t) => {
  // uWebSockets.js throws when it writes a header value that is no string.
  const headers: Record<string, string> = {};
  Reflect.set(headers, 'X-Broken', Symbol('no header'));
  const broken = await startStage({
    wrapRoutes: (table) => table.map((route) => ({ ...route, handle: () => ({ status: 200, headers }) })),
  });
  t.after(() => broken.end());
  await assert.rejects(broken.ask('/healthz'), { code: 'ECONNRESET' });
  await assert.rejects(broken.ask('/whep/cam', { method: 'POST', body: 'x' }), { code: 'ECONNRESET' });
  assert.equal((await stage.ask('/healthz')).status, 200);
});

for (const handler of ['open', 'text', 'binary'] as const) {
  test(`a socket whose ${handler} handler throws is closed with 1011, and the process goes on`, async (t) => {
    failing = handler;
    t.after(() => {
      failing = null;
    });
    const socket = await openWebSocket(stage.signalling);
    socket.sendText('{"message":"connection","data":[{}]}');
    socket.sendBinary(Buffer.from([1]));
    assert.equal(await socket.closed, 1011);
    assert.equal((await stage.ask('/healthz')).status, 200);
  });
}

test('an exception in the upgrade or in the close handler affects no other socket', async (t) => {
  t.after(() => {
    failing = null;
  });
  failing = 'accepts';
  await assert.rejects(openWebSocket(stage.signalling), { code: 'ECONNRESET' });
  failing = null;
  const socket = await openWebSocket(stage.signalling);
  failing = 'closed';
  socket.close();
  await socket.closed;
  failing = null;
  assert.equal((await stage.ask('/healthz')).status, 200);
  assert.ok(stage.logged.some(({ event }) => event === 'server.bug'));
});

test('an exception of the supervisor is logged, and answered as any failure', async (t) => {
  const { whyUnavailable } = stage.streams;
  stage.streams.whyUnavailable = () => {
    throw new Error('it failed');
  };
  t.after(() => {
    stage.streams.whyUnavailable = whyUnavailable;
  });
  const socket = await openWebSocket(stage.signalling);
  socket.sendText('{"message":"connection","data":[{}]}');
  socket.sendText('{"message":"availableStream","data":[{"mediaSessionId":"1","name":"cam"}]}');
  const [answer] = (await socket.nextMessage('availableStream')).data;
  assert.deepEqual(answer, { id: '1', status: 'false', info: 'Failed by error' });
  assert.ok(
    stage.logged.some(({ event, fields }) => event === 'server.bug' && /it failed/.test(String(Object(fields).error))),
  );
  socket.close();
});

for (const fault of ['answers', 'rejects'] as const) {
  test(`a route that ${fault} when its client is gone writes nothing, and the process goes on`, async (t) => {
    let settle = (): void => {};
    const { stats } = stage.streams;
    const figures = await stats('');
    const asked = new Promise<void>((begun) => {
      stage.streams.stats = () =>
        new Promise((resolve, reject) => {
          settle = () => (fault === 'answers' ? resolve(figures) : reject(new Error('too late')));
          begun();
        });
    });
    t.after(() => {
      stage.streams.stats = stats;
    });
    await stage.raw(`GET /api/streams/${somePull.pullId}/stats HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, 50);
    await asked;
    // Served after the end of the other client.
    assert.equal((await stage.ask('/healthz')).status, 200);
    settle();
    assert.equal((await stage.ask('/healthz')).status, 200);
  });
}

test('without the guard an exception ends the process, which is what these tests are about', () => {
  const script = `
    import uWS from 'uWebSockets.js';
    process.on('uncaughtException', () => {});
    const app = uWS.App().any('/*', () => { throw new Error('unguarded'); });
    app.listen('127.0.0.1', 0, (socket) => {
      fetch('http://127.0.0.1:' + uWS.us_socket_local_port(socket)).catch(() => {}).then(() => process.exit(0));
    });`;
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    timeout: 20_000,
  });
  assert.notEqual(status, 0);
  assert.notEqual(signal, 'SIGTERM');
});
