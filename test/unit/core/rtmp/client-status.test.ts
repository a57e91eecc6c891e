import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, dial, frame, playing, type Said, status, success } from './server-end.js';

/** code -> what it ends with while playing. */
const endings: readonly (readonly [string, string, string])[] = [
  ['NetStream.Play.UnpublishNotify', 'status', 'source.ended'],
  ['NetStream.Play.Stop', 'status', 'source.ended'],
  ['NetStream.Play.Complete', 'status', 'source.ended'],
  ['NetStream.Play.StreamNotFound', 'error', 'source.notFound'],
  ['NetStream.Play.FileNotFound', 'error', 'source.notFound'],
  ['NetStream.Play.Failed', 'error', 'source.rejected'],
  ['NetStream.Play.BadName', 'error', 'source.rejected'],
  ['NetStream.Play.InvalidArg', 'error', 'source.rejected'],
  ['NetStream.Play.FileStructureInvalid', 'error', 'source.rejected'],
  ['NetStream.Play.NoSupportedTrackFound', 'error', 'source.unsupportedCodec'],
  ['NetStream.Failed', 'error', 'source.rejected'],
  ['NetStream.Connect.Closed', 'status', 'source.ended'],
  ['NetStream.Connect.Failed', 'error', 'source.rejected'],
  ['NetStream.Connect.Rejected', 'error', 'source.rejected'],
  ['NetConnection.Connect.AppShutdown', 'error', 'source.ended'],
  ['NetConnection.Connect.Closed', 'status', 'source.ended'],
  ['NetConnection.Connect.IdleTimeOut', 'status', 'source.ended'],
  ['NetConnection.Connect.IdleTimeout', 'status', 'source.ended'],
  ['NetStream.DRM.UpdateNeeded', 'error', 'source.unsupportedCodec'],
  ['NetConnection.Connect.InvalidApp', 'error', 'source.notFound'],
  ['NetConnection.Connect.Failed', 'error', 'source.rejected'],
  ['NetConnection.Connect.Rejected', 'error', 'source.rejected'],
  ['NetConnection.Proxy.NotResponding', 'error', 'source.rejected'],
  ['Vendor.Unknown.Error', 'error', 'source.rejected'],
];

for (const [code, level, reason] of endings) {
  test(`${code} (${level}) ends the session with ${reason}, and nothing comes after it`, () => {
    const peer = playing();
    peer.say(status(code, level, 'so it is'), frame(), status('NetStream.Play.Failed', 'error'));
    assert.deepEqual(peer.events, [{ kind: 'ended', reason, detail: `${code}: so it is` }]);
    peer.say(frame());
    assert.equal(peer.events.length, 1);
    assert.deepEqual(peer.heard(), []);
  });
}

const notes: readonly string[] = [
  ...['Reset', 'Start', 'PublishNotify', 'InsufficientBW', 'Switch', 'Transition', 'TransitionComplete'].map(
    (code) => `NetStream.Play.${code}`,
  ),
  ...['Data.Start', 'Buffer.Empty', 'Buffer.Flush', 'Buffer.Full', 'Pause.Notify', 'Unpause.Notify'].map(
    (code) => `NetStream.${code}`,
  ),
  ...['Step.Notify', 'Seek.Notify', 'Seek.Complete', 'Seek.Failed', 'Seek.InvalidTime'].map(
    (code) => `NetStream.${code}`,
  ),
  ...['SeekStart.Notify', 'Publish.Start', 'Publish.Idle', 'Publish.BadName', 'Unpublish.Success'].map(
    (code) => `NetStream.${code}`,
  ),
  ...['Record.Start', 'Record.Stop', 'Record.Failed', 'Record.NoAccess', 'Record.AlreadyExists', 'Connect.Success'].map(
    (code) => `NetStream.${code}`,
  ),
  ...['MulticastStream.Reset', 'Video.DimensionChange', 'SecondScreen.Start', 'SecondScreen.Stop'].map(
    (code) => `NetStream.${code}`,
  ),
  ...['Success', 'NetworkChange'].map((code) => `NetConnection.Connect.${code}`),
  ...['Failed', 'BadVersion', 'BadValue', 'Prohibited'].map((code) => `NetConnection.Call.${code}`),
  'NetConnection.Admin.CommandFailed',
  'NetGroup.Connect.Failed',
  'SharedObject.BadPersistence',
];

for (const code of notes) {
  test(`${code} changes nothing for a stream that plays, whatever its level`, () => {
    const peer = playing();
    peer.say(status(code), status(code, 'error'), [
      'commandAmf0',
      ['onStatus', 0, null, { code: 'Vendor.Unknown', level: 'warning' }],
    ]);
    peer.say(frame());
    assert.deepEqual(
      peer.events.map(({ kind }) => kind),
      ['media'],
    );
    assert.deepEqual(peer.heard(), []);
  });
}

/** What the server's refusals of connect, createStream and play mean. */
const refusals: readonly { name: string; said: readonly Said[]; reason: string }[] = [
  {
    name: 'connect refused without a reason',
    said: [['commandAmf0', ['_error', 1, null, null]]],
    reason: 'source.rejected',
  },
  {
    name: 'connect refused by InvalidApp',
    said: [['commandAmf0', ['_error', 1, null, { level: 'error', code: 'NetConnection.Connect.InvalidApp' }]]],
    reason: 'source.notFound',
  },
  {
    name: 'connect refused in a _result',
    said: [['commandAmf0', ['_result', 1, null, { level: 'error', code: 'NetConnection.Connect.Rejected' }]]],
    reason: 'source.rejected',
  },
  {
    name: 'connect refused for want of rights',
    said: [
      ['commandAmf0', ['_error', 1, null, { code: 'NetConnection.Connect.Rejected', description: 'Unauthorized' }]],
    ],
    reason: 'source.notAuthorised',
  },
  {
    name: 'createStream refused',
    said: [success, ['commandAmf0', ['_error', 2, null, { level: 'error', code: 'NetConnection.Call.Failed' }]]],
    reason: 'source.rejected',
  },
  {
    name: 'play answered by _error',
    said: [
      success,
      created,
      ['commandAmf0', ['_error', 3, null, { level: 'error', code: 'NetConnection.Call.Failed' }]],
    ],
    reason: 'source.rejected',
  },
  {
    name: 'play refused by StreamNotFound',
    said: [success, created, status('NetStream.Play.Reset'), status('NetStream.Play.StreamNotFound', 'error')],
    reason: 'source.notFound',
  },
  {
    name: 'play refused for want of rights',
    said: [success, created, status('NetStream.Play.Failed', 'error', 'access denied')],
    reason: 'source.notAuthorised',
  },
  {
    name: 'the session closed by a call',
    said: [success, ['commandAmf0', ['close', 0, null]]],
    reason: 'source.rejected',
  },
];

for (const { name, said, reason } of refusals) {
  test(`${name} ends with ${reason}`, () => {
    const peer = dial();
    peer.say(...said);
    assert.deepEqual(
      peer.events.map((event) => event.kind === 'ended' && event.reason),
      [reason],
    );
  });
}

test('details are short, printable, and without queries or credentials that a server repeats', () => {
  const peer = playing();
  peer.say(
    status(
      'NetStream.Play.Failed',
      'error',
      `\u0007no rtmp://u:s3cret@h/live/cam?token=s3cret&x=s3cret ${'y'.repeat(999)}`,
    ),
  );
  const [event] = peer.events;
  assert.ok(event?.kind === 'ended');
  assert.match(event.detail, /^NetStream\.Play\.Failed: no rtmp:\/\/\*\*\*@h\/live\/cam\?\*\*\* y+$/);
  assert.ok(event.detail.length <= 200);
});

test('the end of the stream by user control, and of a recording by data, ends the session', () => {
  const eof = playing();
  eof.say(['userControl', new Uint8Array([0, 1, 0, 0, 0, 9])], frame(), [
    'userControl',
    new Uint8Array([0, 1, 0, 0, 0, 1]),
  ]);
  assert.deepEqual(
    eof.events.map((event) => (event.kind === 'ended' ? event.reason : event.kind)),
    ['media', 'source.ended'],
  );
  const complete = playing();
  complete.say(['dataAmf0', ['onPlayStatus', 0, { level: 'status', code: 'NetStream.Play.Complete' }]]);
  assert.deepEqual(
    complete.events.map((event) => event.kind === 'ended' && event.reason),
    ['source.ended'],
  );
});
