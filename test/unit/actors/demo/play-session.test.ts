import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraFrame } from '../../../../actors/demo/camera.js';
import { createPlaySession, type PlaySession } from '../../../../actors/demo/play-session.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { createChunkReader } from '../../../../src/core/rtmp/chunk-reader.js';
import { createChunkWriter } from '../../../../src/core/rtmp/chunk-writer.js';
import { type AmfValue, decodeCommand, decodeData, encodeCommand } from '../../../../src/core/rtmp/command.js';
import { createClientHandshake, handshakeRandomBytes } from '../../../../src/core/rtmp/handshake.js';
import { messageTypes } from '../../../../src/core/rtmp/message.js';

const random = new Uint8Array(handshakeRandomBytes).fill(7);
const configuration = {
  video: Uint8Array.of(0x17, 0),
  audio: Uint8Array.of(0xaf, 0),
  metadata: { width: 640, stereo: false },
};

/** A player that has shaken hands, what it sends, and what it gets. */
function play() {
  const session: PlaySession = createPlaySession({ random, configuration });
  const handshake = createClientHandshake(random);
  const reader = createChunkReader({ maxMessageBytes: 65_536 });
  const writer = createChunkWriter();
  const [hello] = [handshake.start()];
  const shake = session.receive(hello).map((bytes) => handshake.push(bytes));
  for (const { send } of shake) for (const bytes of send) assert.deepEqual(session.receive(bytes), []);
  const read = (parts: readonly Uint8Array[]) => parts.flatMap((part) => reader.push(part));
  const sendBody = (typeId: number, body: Uint8Array) =>
    read(
      writer
        .write({ typeId, streamId: 0, timestampMs: 0, chunkStreamId: 3, body })
        .flatMap((bytes) => session.receive(bytes)),
    );
  const call = (name: string, id: number, ...args: AmfValue[]) =>
    sendBody(messageTypes.commandAmf0, encodeCommand(name, id, ...args))
      .filter(({ typeId }) => typeId === messageTypes.commandAmf0)
      .map(decodeCommand);
  return { session, read, call, sendBody };
}

const codeOf = (info: AmfValue | undefined): unknown =>
  typeof info === 'object' && info !== null && 'code' in info ? info.code : undefined;

const frame = (timestampMs: number, isKeyframe = false, track: CameraFrame['track'] = 'video'): CameraFrame => ({
  track,
  isKeyframe,
  timestampMs,
  body: Uint8Array.of(isKeyframe ? 0x17 : 0x27, 1, timestampMs & 0xff),
});

test('connect, createStream and play are answered as a player expects', () => {
  const { call, session } = play();
  const [connected] = call('connect', 1, { app: 'live' });
  assert.deepEqual([connected?.name, connected?.transactionId], ['_result', 1]);
  assert.equal(codeOf(connected?.args[1]), 'NetConnection.Connect.Success');
  const [created] = call('createStream', 2, null);
  assert.deepEqual([created?.name, created?.transactionId, created?.args[1]], ['_result', 2, 1]);
  assert.equal(session.isPlaying, false);
  const played = call('play', 3, null, 'demo');
  assert.deepEqual(
    played.map(({ name, args }) => [name, codeOf(args[1])]),
    [
      ['onStatus', 'NetStream.Play.Reset'],
      ['onStatus', 'NetStream.Play.Start'],
    ],
  );
  assert.equal(session.isPlaying, true);
});

test('media begins with metadata and configurations at the first keyframe', () => {
  const { call, session, read } = play();
  assert.deepEqual(session.frame(frame(0, true)), []);
  call('connect', 1, { app: 'live' });
  call('play', 3, null, 'demo');
  assert.deepEqual(session.frame(frame(33)), []);
  const [told, ...begun] = read(session.frame(frame(66, true)));
  const data = told === undefined ? null : decodeData(told);
  assert.equal(data?.name, 'onMetaData');
  assert.deepEqual(Object.entries(data?.values[0] ?? {}), [
    ['width', 640],
    ['stereo', false],
  ]);
  assert.deepEqual(
    begun.map(({ typeId, timestampMs, body }) => [typeId, timestampMs, [...body]]),
    [
      [messageTypes.video, 66, [0x17, 0]],
      [messageTypes.audio, 66, [0xaf, 0]],
      [messageTypes.video, 66, [0x17, 1, 66]],
    ],
  );
  assert.deepEqual(
    read(session.frame(frame(70, false, 'audio'))).map(({ typeId, timestampMs }) => [typeId, timestampMs]),
    [[messageTypes.audio, 70]],
  );
});

test('a player that closes its stream gets no more', () => {
  const { call, session } = play();
  call('play', 3, null, 'demo');
  call('deleteStream', 4, null, 1);
  assert.deepEqual(session.frame(frame(0, true)), []);
});

test('a publisher is refused, and media from it ends the session', () => {
  const { call, sendBody } = play();
  const [refused] = call('publish', 5, null, 'demo');
  assert.equal(codeOf(refused?.args[1]), 'NetStream.Publish.BadName');
  assert.throws(() => sendBody(messageTypes.video, Uint8Array.of(0x17, 1)), WireError);
});

test('another protocol ends with the one error', () => {
  const { session } = { session: createPlaySession({ random, configuration }) };
  assert.throws(() => session.receive(Buffer.from('GET / HTTP/1.1\r\n\r\n')), WireError);
});
