/** What our player has beside WHEP: the events of a session, and its reports. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readTold } from '../support/server/told-text.js';
import { within } from '../support/until.js';
import { somePull } from './examples.js';
import { offer, type ServerStage, startStage } from './stage.js';

let stage: ServerStage;
before(async () => {
  stage = await startStage();
});
after(() => stage.end());

async function join(): Promise<string> {
  const headers = { 'Content-Type': 'application/sdp', 'User-Agent': 'a browser' };
  const answer = await stage.ask('/whep/cam', { method: 'POST', headers, body: offer() });
  assert.equal(answer.status, 201);
  return String(answer.headers.location);
}

const report = {
  framesDecoded: 1,
  framesDropped: 0,
  firstFrameMs: 210,
  freezes: 0,
  frozenMs: 0,
  framesPerSecond: 30,
  bitrateKbps: 900,
  lossFraction: 0,
  jitterMs: 3,
  roundTripMs: null,
  delayMs: 120,
  codec: 'H264, opus',
  decoder: '',
  width: 1280,
  height: 720,
  protocol: 'udp',
  candidate: 'prflx',
};

test('a report is taken for a session, and answered with the clock of the server', async () => {
  const session = await join();
  assert.equal(stage.streams.viewed.at(-1)?.userAgent, 'a browser');
  const answer = await stage.post(`${session}/report`, report);
  assert.equal(answer.status, 200);
  assert.ok(Math.abs(Number(answer.json().nowMs) - Date.now()) < 60_000);
  assert.deepEqual(stage.streams.reports.at(-1)?.report, report);
  assert.equal((await stage.post(`${session}/report`, { ...report, jitterMs: 'x' })).status, 400);
  assert.equal((await stage.post(`/whep/session/${'0'.repeat(32)}/report`, report)).status, 404);
  assert.equal((await stage.ask(`${session}/report`)).status, 405);
});

test('a session hears what the source says, what is wrong with it, and that it is lost', async () => {
  const session = await join();
  const viewed = stage.streams.viewed.at(-1);
  const response = await fetch(`${stage.rest}${session}/events`);
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  const told = readTold(response);
  await told.until('event: source\ndata: {"lost":null}\n\n');
  viewed?.onData?.({ name: 'onTextData', values: [{ text: 'hello' }], timestampMs: 40, receivedMs: 1 });
  await told.until(
    'event: data\ndata: {"name":"onTextData","values":[{"text":"hello"}],"timestampMs":40,"receivedMs":1}\n\n',
  );
  viewed?.onSourceChanged?.('source.stalled');
  const alerts = [
    { code: 'INGRESS_NO_AUDIO', status: 'info', text: 'The source sends no sound', deadTrack: null },
  ] as const;
  await told.until('event: alerts\ndata: {"alerts":[]}\n\n');
  viewed?.onAlerts?.(alerts);
  await told.until(`event: alerts\ndata: ${JSON.stringify({ alerts })}\n\n`);
  await told.until('{"lost":{"code":"source.stalled","text":"The source sent no media for too long"}}');
  await told.cancel();
});

test('a session that is over says why, and so do its events end, before it is connected too', async () => {
  const session = await join();
  const told = readTold(await fetch(`${stage.rest}${session}/events`));
  await told.until('event: alerts');
  stage.streams.viewed.at(-1)?.onEnded('stream.failed');
  await told.until('event: ended\ndata: {"code":"stream.failed","text":');
  await told.whole();
  assert.equal((await stage.ask(`${session}/events`)).status, 404);
  const own = await join();
  const left = readTold(await fetch(`${stage.rest}${own}/events`));
  await left.until('event: alerts');
  await stage.ask(own, { method: 'DELETE' });
  await left.until('event: ended\ndata: {"code":"viewer.ended"');
  await left.whole();
});

test('/poster/{name} is a picture of a stream that is live, and of no other', async () => {
  const poster = await stage.ask('/poster/cam');
  assert.deepEqual([poster.status, poster.headers['content-type']], [200, 'image/jpeg']);
  assert.equal((await stage.ask('/poster/nobody')).status, 404);
});

test('posters of many streams that are asked for at once are made a few at a time, none is refused, and each is kept for a while', async (t) => {
  const { streams } = stage;
  const originals = { find: streams.find, snapshot: streams.snapshot };
  t.after(() => Object.assign(streams, originals));
  const names = Array.from({ length: 20 }, (_, n) => `wall${n}`);
  let [running, most, made] = [0, 0, 0];
  streams.find = (name) => ({ ...somePull, pullId: name });
  streams.snapshot = async () => ({
    tag: '',
    async bytes() {
      running += 1;
      made += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
      return Uint8Array.of(0xff, 0xd8);
    },
  });
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(names.map((name) => stage.ask(`/poster/${name}`)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  }
  assert.deepEqual([most, made], [4, 20]);
});

test('who polls a still by its tag is told 304 while the keyframe is the same, without a decode', async (t) => {
  const { streams } = stage;
  const { snapshot } = streams;
  t.after(() => Object.assign(streams, { snapshot }));
  let [tag, made] = ['first', 0];
  streams.snapshot = async () => ({
    tag,
    async bytes() {
      made += 1;
      return Uint8Array.of(made);
    },
  });
  const poll = (known: string) =>
    stage.ask('/api/streams/cam/snapshot.jpg?width=320', { headers: { 'If-None-Match': known } });
  const { status, headers } = await poll('');
  assert.deepEqual([status, headers.etag, made], [200, '"first"', 1]);
  for (const known of ['"first"', '"other", "first"', 'W/"first"']) assert.equal((await poll(known)).status, 304);
  assert.equal(made, 1);
  tag = 'second';
  assert.deepEqual([(await poll('"first"')).status, made], [200, 2]);
});

test('a slash in the name of a page leads to the page that has it encoded', async () => {
  const { status, headers } = await stage.ask('/play/a/b');
  assert.deepEqual([status, headers.location], [302, '../a%2Fb']);
});

test('who does not read what a session is told is closed before much waits for it', async () => {
  const session = await join();
  const viewed = stage.streams.viewed.at(-1) ?? assert.fail();
  const deaf = connect(Number(new URL(stage.rest).port), '127.0.0.1').on('error', () => {});
  deaf.write(`GET ${session}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(deaf, 'readable');
  const values = ['x'.repeat(8000)];
  // What sockets take, twice over.
  const events = 3000;
  for (let n = 0; n < events; n += 1) {
    viewed.onData?.({ name: 'onTextData', values, timestampMs: n, receivedMs: n });
    if (n % 100 === 0) await setImmediate();
  }
  let bytes = 0;
  deaf.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await within('it is closed', once(deaf, 'close'), 10_000);
  assert.ok(bytes < events * 8000 * 0.75, `${bytes} bytes`);
});
