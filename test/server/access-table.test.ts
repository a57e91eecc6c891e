/** Who may do what, over every route and every message of signalling. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { messageAccess } from '../../src/core/wcs/message-access.js';
import type { Route, RouteAccess } from '../../src/server/router.js';
import { tokenSecret, tokenWith } from '../support/server/tokens.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { type Answer, offer, type ServerStage, startStage } from './stage.js';

const keys = { read: 'the-key-that-reads', control: 'the-key-that-controls', admin: 'the-key-of-the-admin' } as const;

let stage: ServerStage;
let routes: readonly Route[] = [];
let token = '';
before(async () => {
  stage = await startStage({
    settings: {
      server: { trustedProxies: ['127.0.0.1'] },
      control: { apiKeys: Object.entries(keys).map(([scope, key]) => `${scope}er:${scope}:${key}`) },
      playback: { secrets: [tokenSecret] },
    },
    wrapRoutes(all) {
      routes = all;
      return all;
    },
  });
  token = await tokenWith({ stream: ['cam', 'x'], recordings: true });
});
after(() => stage.end());

/** What a caller brings: nothing, what is wrong, a key of each scope, a playback token. */
const callers: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  nobody: () => ({}),
  'a wrong key': () => ({ 'X-Api-Key': 'no-key-of-this-server' }),
  read: () => ({ 'X-Api-Key': keys.read }),
  control: () => ({ Authorization: `Bearer ${keys.control}` }),
  admin: () => ({ 'X-Api-Key': keys.admin }),
  token: () => ({ Authorization: `Bearer ${token}` }),
};

const everybody = Object.keys(callers);
const allowed: Readonly<Record<RouteAccess, readonly string[]>> = {
  open: everybody,
  playback: ['token'],
  token: ['read', 'control', 'admin', 'token'],
  read: ['read', 'control', 'admin'],
  control: ['control', 'admin'],
  admin: ['admin'],
};

let lastClient = 0;
/** From an address of its own, so that the limits of one caller are not those of another. */
const clientHeaders = (): Readonly<Record<string, string>> => {
  lastClient += 1;
  return { 'X-Forwarded-For': `198.18.${lastClient >> 8}.${lastClient & 255}` };
};

const refusals = new Set(['control.unauthorised', 'viewer.tokenMissing', 'viewer.tokenDenied']);
const isRefused = (answer: Answer): boolean => {
  if (answer.status !== 401 && answer.status !== 403) return false;
  const { code, detail, message } = answer.json();
  return refusals.has(String(code)) || (code === 'control.forbidden' && /scope/.test(`${detail}${message}`));
};

const place = ({ path, when, access }: Route): string => {
  // A route with a condition is found by more than its path.
  if (when !== undefined && path === '/') return '/?action=stat';
  if (when !== undefined) return access === 'playback' ? '/x/x.m3u8' : '/api/streams/cam/snapshot.jpg';
  if (path === '/whep') return '/whep?src=x';
  if (path === '/hls/*') return '/hls/x/index.m3u8';
  return path.replace('/*', '/x').replace('{id}', 'cam');
};

test('every route lets in those that its row of the table says, and nobody else', async () => {
  const found: string[] = [];
  let asked = 0;
  for (const route of routes) {
    for (const method of route.methods.filter((one) => one !== 'OPTIONS')) {
      for (const [caller, headers] of Object.entries(callers)) {
        const isLetIn = allowed[route.access].includes(caller);
        // It goes on for who is let in: e2e/console listens to it.
        if (route.path === '/api/events' && isLetIn) continue;
        const isOffer = route.access === 'playback' && method === 'POST';
        const type = isOffer ? 'application/sdp' : 'application/json';
        const body = isOffer ? offer() : '{}';
        const answer = await stage.ask(place(route), {
          method,
          headers: { ...clientHeaders(), ...headers(), ...(method === 'POST' ? { 'Content-Type': type } : {}) },
          ...(method === 'POST' ? { body } : {}),
        });
        asked += 1;
        if (isRefused(answer) === isLetIn) {
          found.push(
            `${method} ${route.path} (${route.access}), ${caller}: ${answer.status} ${answer.body.slice(0, 80)}`,
          );
        }
      }
    }
  }
  assert.deepEqual(found, []);
  assert.ok(asked > 500, `${asked}`);
});

test('every access is held by some route', () => {
  assert.deepEqual(new Set(routes.map(({ access }) => access)), new Set(Object.keys(allowed)));
});

/** What signalling does of a message, seen from outside: whether Streams was asked for anything. */
async function isDone(message: string, given: string): Promise<boolean> {
  const { streams } = stage;
  const done: string[] = [];
  const originals = { view: streams.view, whyUnavailable: streams.whyUnavailable, snapshot: streams.snapshot };
  const noting =
    <Given extends readonly unknown[], Result>(what: string, ask: (...given: Given) => Result) =>
    (...given: Given): Result => {
      done.push(what);
      return ask(...given);
    };
  streams.view = noting('view', originals.view);
  streams.whyUnavailable = noting('find', originals.whyUnavailable);
  streams.snapshot = noting('snapshot', originals.snapshot);
  const socket = await openWebSocket(stage.signalling);
  try {
    const custom = given === '' ? {} : { token: given };
    if (message !== 'connection') {
      socket.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp', custom }] });
      await socket.nextMessage('getUserData');
    }
    socket.sendJson({ message, data: [{ mediaSessionId: 'm', name: 'cam', sdp: offer(), custom }] });
    const answers: Readonly<Record<string, string>> = {
      playStream: 'notifyStreamStatusEvent',
      availableStream: 'availableStream',
      snapshot: 'notifyStreamEvent',
    };
    const answer = answers[message];
    if (answer === 'notifyStreamStatusEvent') await outcome(socket);
    else if (answer !== undefined) await socket.nextMessage(answer);
    // What is open is answered, or not, before the next message is.
    socket.sendJson({ message: 'ping', data: [] });
    if (answer === undefined && message !== 'connection') await socket.nextMessage('pong');
    return done.length > 0;
  } finally {
    socket.close();
    Object.assign(streams, originals);
  }
}

async function outcome(socket: Awaited<ReturnType<typeof openWebSocket>>): Promise<void> {
  const first = await socket.nextMessage('notifyStreamStatusEvent');
  assert.equal(Object(first.data[0]).status, 'PENDING');
  for (;;) {
    const { message, data } = Object(await socket.next());
    if (message === 'setRemoteSDP') return;
    if (message === 'notifyStreamStatusEvent' && Object(data[0]).status === 'FAILED') return;
  }
}

for (const [message, access] of Object.entries(messageAccess)) {
  test(`signalling: ${message} is ${access}`, async () => {
    assert.equal(await isDone(message, ''), false, 'without a token nothing is asked of the streams');
    assert.equal(await isDone(message, token), access === 'playback');
  });
}

test('signalling: a message that the table does not have is not answered', async () => {
  assert.equal(await isDone('startRecording', token), false);
});

test('/mse asks for a token', async () => {
  const ask = async (query: string): Promise<number> =>
    (await openWebSocket(`${stage.signalling}/mse/x${query}`)).closed;
  assert.equal(await ask(''), 4401);
  assert.equal(await ask(`?token=${await tokenWith({ stream: 'other' })}`), 4403);
  assert.equal(await ask(`?token=${token}`), 4404);
});
