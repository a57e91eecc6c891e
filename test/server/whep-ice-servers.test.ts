import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { offer, type StageOptions, startStage } from './stage.js';

/** The Link header of an answer. */
async function linkOf(t: TestContext, webrtc: NonNullable<StageOptions['settings']>['webrtc'] = {}) {
  const stage = await startStage({ settings: { webrtc } });
  t.after(() => stage.end());
  const headers = { 'Content-Type': 'application/sdp' };
  return async () => (await stage.ask('/whep/cam', { method: 'POST', headers, body: offer() })).headers.link;
}

test('without servers there is no Link header', async (t) => {
  const link = await linkOf(t);
  assert.equal(await link(), undefined);
});

test('a viewer is told of STUN and TURN servers, with credentials of its own that end', async (t) => {
  const iceServers = ['stun:stun.example', 'turn:turn.example'];
  const link = await linkOf(t, { iceServers, turnSecret: 'shared', turnTtlS: 60 });
  const pattern =
    /^<stun:stun\.example>; rel="ice-server", <turn:turn\.example>; rel="ice-server"; username="(\d+):(\w{8})"; cred/;
  const [first, second] = [pattern.exec(String(await link())), pattern.exec(String(await link()))];
  assert.notEqual(first?.[2], second?.[2]);
  const leftS = Number(first?.[1]) - Date.now() / 1000;
  assert.ok(leftS > 50 && leftS <= 60, String(leftS));
});
