import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type AuthInput, answerChallenge } from '../../../../src/core/rtmp/auth.js';
import { parseRtmpUrl } from '../../../../src/core/rtmp/url.js';
import { dial, type Said, success } from './server-end.js';

const who = { user: 'user', password: 'password', app: 'live', clientNonce: '0a1b2c3d', hasResponded: false };
const answer = (description: string, more: Partial<AuthInput> = {}) =>
  answerChallenge({ description, ...who, ...more });
const base64 = (text: string) => createHash('md5').update(text).digest('base64');
const hex = (text: string) => createHash('md5').update(text).digest('hex');

const needAuth = (mode: string) => `[ AccessManager.Reject ] : [ code=403 need auth; authmod=${mode} ] : `;
const challenge = (mode: string, fields: string) =>
  `[ AccessManager.Reject ] : [ authmod=${mode} ] : ?reason=needauth&${fields}`;

test('the first step names the user to the server, in both schemes', () => {
  for (const mode of ['adobe', 'llnw']) {
    const query = `authmod=${mode}&user=user`;
    assert.deepEqual(answer(needAuth(mode)), { kind: 'again', query, hasResponded: false });
  }
});

test("Adobe's challenge is answered from salt, opaque and password", () => {
  const step = answer(challenge('adobe', 'user=user&salt=5+a==&challenge=ch==&opaque=op=='));
  const response = base64(`${base64('user5+a==password')}op==0a1b2c3d`);
  const query = `authmod=adobe&user=user&challenge=0a1b2c3d&response=${response}&opaque=op==`;
  assert.deepEqual(step, { kind: 'again', query, hasResponded: true });
});

test("Adobe's challenge without an opaque field is answered from the challenge", () => {
  const step = answer(challenge('adobe', 'user=user&salt=s&challenge=ch=='));
  const query = `authmod=adobe&user=user&challenge=0a1b2c3d&response=${base64(`${base64('userspassword')}ch==0a1b2c3d`)}`;
  assert.deepEqual(step, { kind: 'again', query, hasResponded: true });
});

/** app -> the path in Limelight's digest. */
const instances: readonly (readonly [string, string])[] = [
  ['live', 'live/_definst_'],
  ['live?t=a/b', 'live/_definst_'],
  ['live/inst', 'live/inst'],
];

for (const [app, path] of instances) {
  test(`Limelight's nonce is answered by a digest over /${path} for application ${app}`, () => {
    const step = answer(challenge('llnw', 'nonce=n0nce'), { app });
    const response = hex(`${hex('user:live:password')}:n0nce:00000001:0a1b2c3d:auth:${hex(`publish:/${path}`)}`);
    const query = `authmod=llnw&user=user&nonce=n0nce&cnonce=0a1b2c3d&nc=00000001&response=${response}`;
    assert.deepEqual(step, { kind: 'again', query, hasResponded: true });
  });
}

/** description, what is known -> words. */
const refusals: readonly (readonly [string, Partial<AuthInput>, RegExp])[] = [
  [needAuth('adobe'), { user: null }, /holds none/],
  [needAuth('llnw'), { user: '' }, /holds none/],
  [challenge('adobe', 'salt=s'), { hasResponded: true }, /refused/],
  [needAuth('adobe'), { hasResponded: true }, /refused/],
  ['[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed&opaque=vgoAAA==', {}, /refused/],
  ['[ AccessManager.Reject ] : [ authmod=llnw ] : ?reason=authfail', {}, /refused/],
  ['[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=nosuchuser', {}, /does not know/],
  ['[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=other', {}, /not known/],
];

for (const [description, more, words] of refusals) {
  test(`"${description}" with ${JSON.stringify(more)} is a refusal in words without the password`, () => {
    const step = answer(description, more);
    assert.ok(step.kind === 'refused');
    assert.match(step.detail, words);
    assert.doesNotMatch(step.detail, /password=|user=/);
  });
}

test('other refusals are not about credentials', () => {
  for (const text of ['', 'Connection failed.', '[ Server.Reject ] : no such app', 'authmod=other need auth']) {
    assert.deepEqual(answer(text), { kind: 'none' });
  }
});

test('a user with characters of queries cannot add a field', () => {
  const step = answer(needAuth('adobe'), { user: 'a&b=?c' });
  assert.deepEqual(step, { kind: 'again', query: 'authmod=adobe&user=a%26b%3D%3Fc', hasResponded: false });
});

const refusal = (description: string): Said => [
  'commandAmf0',
  ['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected', description }],
];

test('the client asks to be connected again, and puts the answer behind app and tcUrl', () => {
  const uri = 'rtmp://user:password@h/live?x=1/cam';
  const first = dial(uri);
  first.say(refusal(needAuth('adobe')));
  const [event] = first.events;
  assert.ok(event?.kind === 'authenticate');
  const second = dial(uri, { auth: event.auth });
  const [connect] = second.commands();
  const shown = JSON.stringify(connect?.args);
  assert.match(shown, /"app":"live\?x=1&authmod=adobe&user=user"/);
  assert.match(shown, /"tcUrl":"rtmp:\/\/h\/live\?x=1&authmod=adobe&user=user"/);
  assert.doesNotMatch(shown, /password/);
  second.say(refusal(challenge('adobe', 'salt=s&challenge=c')));
  const [again] = second.events;
  assert.ok(again?.kind === 'authenticate');
  const third = dial(uri, { auth: again.auth });
  third.say(refusal(challenge('adobe', 'salt=s&challenge=d')));
  assert.deepEqual(
    third.events.map((end) => end.kind === 'ended' && end.reason),
    ['source.notAuthorised'],
  );
  assert.equal(parseRtmpUrl(uri).app, 'live?x=1');
});

test('without credentials the client gives up with the reason, and an open server never gets any', () => {
  const peer = dial('rtmp://h/live/cam');
  peer.say(refusal(needAuth('adobe')));
  assert.deepEqual(
    peer.events.map((end) => end.kind === 'ended' && end.reason),
    ['source.notAuthorised'],
  );
  const open = dial('rtmp://user:password@h/live/cam');
  open.say(success);
  assert.doesNotMatch(JSON.stringify(open.commands()), /password|user/);
});
