/**
 * The functions that the reference lists as "not supported and will be ignored" (WCS, RTMP pull, known issue 5): what is
 * done about each here, in both directions.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverCalls } from '../../../../src/core/rtmp/server-calls.js';
import { created, dial, frame, playing, started, status, success } from './server-end.js';

interface Row {
  readonly name: string;
  readonly what: string;
  readonly shows: () => void;
}

/** The server calls it of us: an empty result, so that no server waits, and the stream plays on. */
const isAnswered = (name: string) => (): void => {
  const peer = playing();
  peer.say(['commandAmf0', [name, 7, null, 'cam']], frame());
  assert.deepEqual(peer.commands(), [{ name: '_result', transactionId: 7, args: [null, null] }]);
  assert.deepEqual(
    peer.events.map(({ kind }) => kind),
    ['media'],
  );
};

const rows: readonly Row[] = [
  {
    name: 'FCSubscribe',
    what: 'is sent before play to a source that needs it, and its answer is waited for',
    shows() {
      const peer = dial(undefined, { subscribes: true });
      peer.say(success);
      const [, subscribe] = peer.commands();
      assert.deepEqual(subscribe, { name: 'FCSubscribe', transactionId: 2, args: [null, 'cam?t=1'] });
      peer.say(['commandAmf0', ['_result', 2, null, undefined]], ['commandAmf0', ['_result', 3, null, 1]]);
      peer.say(status('NetStream.Play.StreamNotFound', 'error'));
      assert.deepEqual(peer.events, [], 'the edge fetches it: not found yet is no end');
      peer.say(['commandAmf0', ['onFCSubscribe', 0, null, { code: 'NetStream.Play.Start' }]]);
      assert.deepEqual(
        peer.commands().map(({ name }) => name),
        ['play', 'play'],
      );
    },
  },
  {
    name: 'FCPublish',
    what: 'is a publisher’s: never sent, answered when it is called',
    shows: isAnswered('FCPublish'),
  },
  { name: 'FCUnpublish', what: 'likewise; the end of a stream comes as a status', shows: isAnswered('FCUnpublish') },
  {
    name: 'onStatus',
    what: 'is read: what it says decides what becomes of the session',
    shows() {
      const peer = dial();
      peer.say(success, created, started, status('NetStream.Play.UnpublishNotify'));
      assert.deepEqual(
        peer.events.map((event) => (event.kind === 'ended' ? event.reason : event.kind)),
        ['accepted', 'source.ended'],
      );
    },
  },
  {
    name: 'onUpstreamBase',
    what: 'names the server behind a CDN’s edge: taken, and of no use to a player',
    shows() {
      const peer = playing();
      peer.say(['commandAmf0', ['onUpstreamBase', 0, null, 'rtmp://up/live']], frame());
      assert.deepEqual(peer.commands(), []);
      assert.deepEqual(
        peer.events.map(({ kind }) => kind),
        ['media'],
      );
    },
  },
  { name: 'releaseStream', what: 'is a publisher’s too', shows: isAnswered('releaseStream') },
];

for (const { name, what, shows } of rows) test(`${name} ${what}`, shows);

test('none of them is left to chance: each has its row in the table of calls', () => {
  assert.deepEqual(
    rows.map(({ name }) => serverCalls.get(name)),
    ['acknowledge', 'acknowledge', 'acknowledge', 'status', 'acknowledge', 'acknowledge'],
  );
});
