import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageTypes, encodeWindowAckSize as u32 } from '../../../../src/core/rtmp/message.js';
import { type Body, frame, playing, type Said } from './server-end.js';

/** call of the server -> the name and values of what is sent for it. */
const calls: readonly (readonly [Body, readonly unknown[]])[] = [
  [['onBWDone', 0, null], [['_checkbw', null]]],
  [['_onbwcheck', 5, null], [['_result', null, 0]]],
  [['onBWCheck', 5, null, 'payload'], [['_result', null, 0]]],
  [['_onbwdone', 0, null, 100, 0, 0], []],
  [['_checkbw', 5, null], [['_result', null, null]]],
  [['ping', 0, null], [['pong', null]]],
  [['releaseStream', 5, null, 'cam'], [['_result', null, null]]],
  [['FCPublish', 5, null, 'cam'], [['_result', null, null]]],
  [['FCUnpublish', 5, null, 'cam'], [['_result', null, null]]],
  [['FCSubscribe', 5, null, 'cam'], [['_result', null, null]]],
  [['FCUnsubscribe', 5, null, 'cam'], [['_result', null, null]]],
  [['releaseStream', 0, null, 'cam'], []],
  [['onFCPublish', 0, null, { code: 'NetStream.Publish.Start' }], []],
  [['onFCUnpublish', 0, null, { code: 'NetStream.Unpublish.Success' }], []],
  [['onFCSubscribe', 0, null, { code: 'NetStream.Play.Start' }], []],
  [['onUpstreamBase', 0, null, 'rtmp://up/live'], []],
  [['_error', 9, null, { level: 'error', code: 'NetConnection.Call.Failed' }], []],
  [['_result', 9, null, 1], []],
  [['someoneElsesCall', 5, null], []],
];

for (const [call, answers] of calls) {
  test(`${JSON.stringify(call)} is answered by ${JSON.stringify(answers)}, and the stream plays on`, () => {
    const peer = playing();
    peer.say(['commandAmf0', call]);
    assert.deepEqual(
      peer.commands().map(({ name, args }) => [name, ...args]),
      answers,
    );
    peer.say(frame());
    assert.deepEqual(
      peer.events.map(({ kind }) => kind),
      ['media'],
    );
  });
}

test('onFCUnsubscribe says that the live stream has ended', () => {
  const peer = playing();
  peer.say(['commandAmf0', ['onFCUnsubscribe', 0, null, { level: 'status', code: 'NetStream.Play.Stop' }]]);
  assert.deepEqual(
    peer.events.map((event) => event.kind === 'ended' && event.reason),
    ['source.ended'],
  );
});

test('bandwidth is asked to be checked once, however often the server offers', () => {
  const peer = playing();
  peer.say(['commandAmf0', ['onBWDone', 0, null]], ['commandAmf0', ['onBWDone', 0, null]]);
  assert.equal(peer.commands().length, 1);
});

test('a ping is answered with its own timestamp', () => {
  const peer = playing();
  peer.say(['userControl', new Uint8Array([0, 6, 0xde, 0xad, 0xbe, 0xef])]);
  assert.deepEqual(
    peer.heard().map(({ typeId, body }) => [typeId, ...body]),
    [[4, 0, 7, 0xde, 0xad, 0xbe, 0xef]],
  );
});

test('a bandwidth limit is answered with a window of that size, once for each size', () => {
  const peer = playing();
  const limit = (byte: number): Said => ['setPeerBandwidth', new Uint8Array([0, 1, 0, byte, 2])];
  peer.say(limit(0), limit(0), limit(9), ['setPeerBandwidth', new Uint8Array([0, 0, 0, 0, 1])]);
  assert.deepEqual(
    peer.heard().map(({ typeId, body }) => [typeId, ...body]),
    [
      [5, 0, 1, 0, 0],
      [5, 0, 1, 0, 9],
    ],
  );
});

test('what is received is acknowledged at least once a window, with the count of all bytes', () => {
  const peer = playing();
  peer.say(['windowAckSize', u32(20_000)]);
  peer.heard();
  let acks = 0;
  let lastCount = 0;
  for (let count = 0; count < 40; count += 1) {
    peer.say(['video', new Uint8Array(1000), count]);
    for (const { typeId, body } of peer.heard()) {
      assert.equal(typeId, messageTypes.ack);
      const total = new DataView(body.buffer, body.byteOffset).getUint32(0);
      if (acks > 0) assert.ok(total - lastCount <= 20_000);
      lastCount = total;
      acks += 1;
    }
  }
  assert.ok(acks >= 3, `${acks} acknowledgements`);
  peer.say(['windowAckSize', u32(0)], ['video', new Uint8Array(90_000)]);
  assert.deepEqual(peer.heard(), []);
});

test('what another node tells is handed on, however often; of any other server it is a call as others are', () => {
  const told: Said = ['commandAmf0', ['sluiceEvent', 0, null, '{"n":1}']];
  const said: readonly Said[] = [...Array<Said>(1000).fill(told), frame()];
  const node = playing({ isNode: true });
  node.say(...said);
  const calls = node.events.flatMap((event) => (event.kind === 'told' ? [event.call] : []));
  assert.deepEqual(calls, Array(1000).fill({ kind: 'event', payload: '{"n":1}' }));
  assert.equal(node.client.skipped, 0);
  const server = playing();
  server.say(...said);
  assert.deepEqual(
    server.events.map(({ kind }) => kind),
    ['media'],
  );
});
