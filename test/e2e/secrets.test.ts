/** Secrets of all kinds go in by every door, and come out of none: neither in the log, at its finest, nor in any answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../support/server/free-port.js';
import { startSluice } from '../support/server/sluice.js';
import { tokenWith } from '../support/server/tokens.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';

const planted = (n: number): string => `planted${n}planted${n}planted${n}planted${n}`;

test('no secret that is planted is found again', async (t) => {
  const port = await freePort();
  const sluice = await startSluice([
    `--control.apiKeys=watcher:read:${planted(1)}`,
    `--playback.secrets=${planted(2)}`,
    `--hooks.apps=defaultApp=http://user:${planted(3)}@127.0.0.1:${port}/hook?key=${planted(4)}`,
    `--playback.hookUrl=http://user:${planted(5)}@127.0.0.1:${port}/hook`,
    `--playback.jwksUrl=http://127.0.0.1:${port}/keys?key=${planted(6)}`,
    `--rtmpOut.secret=${planted(12)}`,
    '--hooks.allowWhep=true',
    '--log.level=trace',
  ]);
  t.after(() => sluice.stop());
  const { rest } = sluice;
  const token = await tokenWith({ stream: '*' }, planted(2));
  const answers: string[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<void> => {
    const answer = await fetch(`${rest}${path}`, init);
    answers.push(JSON.stringify([...answer.headers]), await answer.text());
  };
  const uri = `rtmp://user:${planted(7)}@127.0.0.1:${port}/live/cam?auth=${planted(8)}`;
  const json = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const offer = { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: 'v=0' };

  await ask('/rest-api/pull/rtmp/pull', json({ uri }));
  await ask('/rest-api/pull/rtmp/pull', json({ uri }));
  await ask('/rest-api/pull/rtmp/terminate', json({ uri: `${uri}x` }));
  await ask('/api/streams', { headers: { 'X-Api-Key': planted(9) } });
  await ask(`/whep/cam?token=${planted(10)}`, offer);
  await ask(`/hls/cam/index.m3u8?token=${token}`);
  await ask(`/whep/${encodeURIComponent(uri)}`, {
    ...offer,
    headers: { ...offer.headers, Authorization: `Bearer ${token}` },
  });
  const socket = await openWebSocket(`${sluice.signalling}/?token=${token}`);
  socket.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp', custom: { token: planted(11) } }] });
  await socket.closed;
  await sluice.logged('hook.failed');
  await sluice.logged('source.lost').catch(() => sluice.logged('source.failed'));
  for (const path of ['/rest-api/pull/rtmp/find_all', '/rest-api/stream/find_all', '/rest-api/connection/find_all']) {
    await ask(path);
  }
  for (const path of ['streams', 'viewers', 'configuration', 'supervision', 'server', 'tokens', 'recordings']) {
    await ask(`/api/${path}`);
  }
  await ask('/metrics');
  await ask('/?action=stat');
  await ask('/openapi.json');
  const streams = JSON.parse(await (await fetch(`${rest}/api/streams`)).text());
  for (const { id } of streams)
    for (const part of ['', '/diagnosis', '/log', '/data']) await ask(`/api/streams/${id}${part}`);
  await until('all is said', () => sluice.child.lines.length > 5);

  const shown = [...sluice.child.lines, ...answers].join('\n');
  assert.ok(shown.includes('rtmp://***@127.0.0.1'), 'the stream is shown');
  const found = [...shown.matchAll(/.{0,60}planted\d+.{0,20}/g)].map(([text]) => text);
  assert.deepEqual(found, []);
  assert.equal(shown.includes(token), false);
});
