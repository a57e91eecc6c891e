/** /api/events: what a page is told without asking again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { alert } from '../../src/core/diagnosis/check.js';
import { readTold } from '../support/server/told-text.js';
import { within } from '../support/until.js';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage();
});
beforeEach(() => {
  stage.streams.pulls = [somePull];
});
after(() => stage.end());

test('/api/events tells what is there, what changes and what goes, as it goes', async () => {
  stage.streams.alerts = () => [alert('video.bFrames', 'INGRESS_HAS_BFRAME', 'seen')];
  const stop = new AbortController();
  const response = await fetch(`${stage.rest}/api/events`, { signal: stop.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const told = readTold(response);
  await told.until(/event: stream\ndata: .*"name":"cam".*INGRESS_HAS_BFRAME.*\n\n/);
  await told.until(/event: sample\ndata: .*"sourceKbps":2/);
  await told.until(new RegExp(`event: streams\\ndata: {"ids":\\["${somePull.pullId}"\\]}`));
  stage.streams.pulls = [{ ...somePull, state: 'PENDING', reason: 'source.refused' }];
  await told.until(
    /"stateText":"Dialling the source","reason":"source.refused","reasonText":"The source refused the connection"/,
  );
  stage.streams.pulls = [];
  await told.until(new RegExp(`event: removed\\ndata: {"id":"${somePull.pullId}"}`));
  stop.abort();
  stage.streams.alerts = () => [];
});

test('/api/events tells of more streams than a socket takes at once, and closes who does not read them', async () => {
  const many = Array.from({ length: 6000 }, (_, n) => ({ ...somePull, pullId: `pull-${n}`, localName: `cam${n}` }));
  stage.streams.pulls = many;
  const stop = new AbortController();
  const response = await fetch(`${stage.rest}/api/events`, { signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let [text, bytes] = ['', 0];
  while (!text.includes('event: streams\n')) {
    const piece = (await reader?.read())?.value ?? assert.fail(`it ended after ${bytes} bytes`);
    bytes += piece.length;
    text = (text + piece).slice(-100_000 - piece.length);
  }
  assert.ok(bytes > 4e6, `${bytes} bytes`);
  stop.abort();
  // More than may wait, and than sockets take.
  stage.streams.pulls = Array.from({ length: 5 }, () => many).flatMap((some, k) =>
    some.map((pull) => ({ ...pull, pullId: `${k} ${pull.pullId}` })),
  );
  const deaf = connect(Number(new URL(stage.rest).port), '127.0.0.1').on('error', () => {});
  deaf.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  // The server is done with it: it answers others.
  assert.equal((await stage.ask('/healthz')).status, 200);
  const closed = once(deaf, 'close');
  deaf.resume();
  await within('it is closed', closed, 10_000);
  stage.streams.pulls = [somePull];
});

test('/api/events tells what GET answers at the paths that are watched, and again when it has changed', async () => {
  const stop = new AbortController();
  const asked = ['/api/streams/cam/diagnosis', '/api/viewers?stream=cam&addresses=full', '/api/streams/nobody'];
  const query = asked.map((path) => `watch=${encodeURIComponent(path)}`).join('&');
  const response = await fetch(`${stage.rest}/api/events?${query}`, { signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const answers = (): readonly Record<string, unknown>[] =>
    [...text.matchAll(/event: answer\ndata: (.*)\n\n/g)].map(([, data = '']) => JSON.parse(data));
  const hasAll = async (count: number): Promise<void> => {
    while (answers().length < count) text += (await reader?.read())?.value ?? assert.fail(text);
  };
  await hasAll(3);
  const [checks, viewers, nobody] = answers();
  assert.equal(checks?.path, asked[0]);
  assert.deepEqual(viewers, { path: asked[1], status: 200, body: (await stage.ask(asked[1] ?? '')).json() });
  assert.deepEqual(nobody, { path: asked[2], status: 404, body: null });
  stage.streams.pulls = [somePull, { ...somePull, pullId: 'another', localName: 'nobody', givenName: 'nobody' }];
  // The time of the diagnosis goes on.
  while (!answers().some(({ path, status }) => path === asked[2] && status === 200)) await hasAll(answers().length + 1);
  stop.abort();
  stage.streams.pulls = [somePull];
});

test('/api/events watches nothing but what may be read', async () => {
  for (const path of [
    '/api/configuration',
    '/api/nothing',
    '/metrics',
    'http://elsewhere/api/streams',
    '//elsewhere/api/streams',
    '//[',
  ]) {
    const { status, json } = await stage.ask(`/api/events?watch=${encodeURIComponent(path)}`);
    assert.deepEqual([status, json().code], [400, 'request.invalid'], path);
  }
  const many = Array.from({ length: 17 }, () => 'watch=/api/streams').join('&');
  assert.equal((await stage.ask(`/api/events?${many}`)).status, 400);
});
