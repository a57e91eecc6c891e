import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AmfValue } from '../../../../src/core/rtmp/command.js';
import { created, dial, frame, type Said, started, success } from './server-end.js';

test('a redirect by 302 leads to the same stream below the new tcUrl, SRS names the whole address', () => {
  const refusal = (ex: AmfValue): Said => [
    'commandAmf0',
    ['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'moved', ex }],
  ];
  const target = (said: Said, uri?: string) => {
    const peer = dial(uri);
    peer.say(said);
    const [event] = peer.events;
    assert.ok(event?.kind === 'redirect', JSON.stringify(event));
    const { tcUrl, stream, host, port, user } = event.url;
    return [tcUrl, stream, host, port, user];
  };
  assert.deepEqual(target(refusal({ code: 302, redirect: 'rtmp://other:1940/live' })), [
    'rtmp://other:1940/live',
    'cam?t=1',
    'other',
    1940,
    null,
  ]);
  assert.deepEqual(target(refusal({ code: 302, redirect: 'rtmp://other/live/' }), 'rtmp://h/live/cam'), [
    'rtmp://other/live',
    'cam',
    'other',
    1935,
    null,
  ]);
  assert.deepEqual(target(refusal({ code: 302, redirect: 'rtmp://other/live/cam' }), 'rtmp://h/live/cam'), [
    'rtmp://other/live',
    'cam',
    'other',
    1935,
    null,
  ]);
  assert.deepEqual(
    target([
      'commandAmf0',
      [
        'onStatus',
        0,
        null,
        {
          code: 'NetConnection.Connect.Rejected',
          ex: { code: 302, redirect: 'rtmp://x/y', redirect2: 'rtmp://other/a/b' },
        },
      ],
    ]),
    ['rtmp://other/a', 'b', 'other', 1935, null],
  );
  const withPassword = 'rtmp://u:p@h/live/cam';
  assert.equal(target(refusal({ code: 302, redirect: 'rtmp://h:1940/live' }), withPassword)[4], 'u');
  assert.equal(
    target(refusal({ code: 302, redirect: 'rtmp://other/live' }), withPassword)[4],
    null,
    'no password goes to another host',
  );
});

test('a redirect to what is no RTMP address breaks the protocol', () => {
  const ex = { code: 302, redirect: 'http://169.254.169.254/latest' };
  const peer = dial();
  peer.say(['commandAmf0', ['_error', 1, null, { code: 'NetConnection.Connect.Rejected', ex }]]);
  const detail = 'rtmp.url: only rtmp:// and rtmps:// are supported';
  assert.deepEqual(peer.events, [{ kind: 'ended', reason: 'source.protocol', detail }]);
});

/** tcUrl of a reconnect request -> where it leads from rtmp://h/live/inst/cam. */
const reconnects: readonly (readonly [string | undefined, string])[] = [
  [undefined, 'rtmp://h/live/inst'],
  ['', 'rtmp://h/live/inst'],
  ['rtmp://other:1936/app/i', 'rtmp://other:1936/app/i'],
  ['//other/app', 'rtmp://other/app'],
  ['/app', 'rtmp://h/app'],
  ['inst2', 'rtmp://h/live/inst2'],
];

for (const [tcUrl, target] of reconnects) {
  test(`a reconnect request with tcUrl ${tcUrl} leads to ${target}`, () => {
    const peer = dial('rtmp://h/live/inst/cam');
    peer.say(success, created, started, frame());
    peer.say([
      'commandAmf0',
      [
        'onStatus',
        0,
        null,
        { level: 'status', code: 'NetConnection.Connect.ReconnectRequest', ...(tcUrl === undefined ? {} : { tcUrl }) },
      ],
    ]);
    const last = peer.events.at(-1);
    assert.ok(last?.kind === 'redirect');
    assert.deepEqual([last.url.tcUrl, last.url.stream], [target, 'cam']);
  });
}
