/** Sockets for media of WCS signalling: who may open one, and what becomes of one that does not read. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { type PacketSetup, videoPacket, videoSetupPacket } from '../../src/core/wcs/media-packet.js';
import { openWebSocket, type WebSocketClient } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';
import { somePull } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

beforeEach(async () => {
  stage = await startStage();
});
afterEach(() => stage.end());

const setup: PacketSetup = {
  kind: 'setup',
  video: videoSetupPacket([Uint8Array.of(0x67, 0x42, 0xc0, 0x0d), Uint8Array.of(0x68)]),
  audio: null,
};

function send(atMs: number, isKeyframe = false, bytes = 10, name = 'cam'): void {
  const data = videoPacket(new Uint8Array(bytes), isKeyframe);
  stage.streams.packetListeners.get(name)?.onMessage({ kind: 'packet', track: 'video', data, isKeyframe, atMs });
}

interface Session {
  readonly signalling: WebSocketClient;
  readonly authToken: string;
}

async function establish(): Promise<Session> {
  const signalling = await openWebSocket(stage.signalling);
  signalling.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
  const [user] = (await signalling.nextMessage('getUserData')).data;
  return { signalling, authToken: String(Object(user).authToken) };
}

const play = ({ signalling }: Session, mediaSessionId: string, name = 'cam'): void =>
  signalling.sendJson({ message: 'playStream', data: [{ mediaSessionId, name, mediaProvider: 'MSE' }] });

async function openMedia({ authToken }: Pick<Session, 'authToken'>): Promise<WebSocketClient> {
  const media = await openWebSocket(stage.signalling);
  media.sendJson({ message: 'connectMediaTransport', data: [{ authToken }] });
  return media;
}

/** A player, and the timestamps of the video that it gets. */
async function start(session: Session, mediaSessionId: string) {
  play(session, mediaSessionId);
  await session.signalling.nextMessage('setRemoteSDP');
  const media = await openMedia(session);
  const listens = (): boolean => stage.streams.packetListeners.has('cam');
  await until('somebody takes packets', listens, 5000);
  const stamps = (): readonly number[] => videoStamps(media.binaries.map(({ data }) => data));
  return { media, stamps };
}

/** Of the packets in these messages, those that are shown. */
function videoStamps(messages: readonly Buffer[]): readonly number[] {
  return messages.flatMap((bytes) => {
    const found: number[] = [];
    for (let at = 0; at < bytes.length; at += 9 + bytes.readUInt32BE(at + 5)) {
      if (bytes[at] === 9 && bytes[at + 10] === 1) found.push(bytes.readUInt32BE(at + 1));
    }
    return found;
  });
}

async function statusOf({ signalling }: Session): Promise<string> {
  const [event] = (await signalling.nextMessage('notifyStreamStatusEvent')).data;
  const { status, reason } = Object(event);
  return reason === undefined ? status : `${status} ${reason.code}`;
}

test('a socket for media that names no session, or one that waits for none, is closed', async () => {
  assert.equal(await (await openMedia({ authToken: '/a/b' })).closed, 1008);
  const session = await establish();
  assert.equal(await (await openMedia(session)).closed, 1000);
});

test('a player is sent what is there, and what comes; its play fails when its socket goes', async () => {
  const session = await establish();
  const { media, stamps } = await start(session, 'm');
  stage.streams.packetListeners.get('cam')?.onMessage(setup);
  for (const [atMs, isKeyframe] of [
    [5000, true],
    [5040, false],
  ] as const) {
    send(atMs, isKeyframe);
  }
  await until('two frames', () => stamps().length === 2, 5000);
  assert.deepEqual(stamps(), [1000, 1040]);
  const second = await start(await establish(), 'n');
  await until('the same frames for a second one', () => second.stamps().length === 2, 5000);
  send(5080);
  for (const { stamps: of } of [{ stamps }, second]) {
    await until('the next frame', () => of().length === 3, 5000);
    assert.deepEqual(of(), [1000, 1040, 1080]);
  }
  assert.equal(await statusOf(session), 'PLAYING');
  media.close();
  assert.equal(await statusOf(session), 'FAILED viewer.mediaSocket');
  assert.equal(stage.streams.left.length, 1);
});

test('two plays that begin at once get the media of their own streams', async () => {
  stage.streams.pulls = [somePull, { ...somePull, pullId: 'other', localName: 'other' }];
  const session = await establish();
  play(session, 'm');
  play(session, 'n', 'other');
  const sizes: number[][] = [];
  for (const [name, bytes] of [
    ['cam', 10],
    ['other', 20],
  ] as const) {
    await session.signalling.nextMessage('setRemoteSDP');
    const media = await openMedia(session);
    await until('its packets are taken', () => stage.streams.packetListeners.has(name), 5000);
    stage.streams.packetListeners.get(name)?.onMessage(setup);
    send(0, true, bytes, name);
    await until('its keyframe', () => media.binaries.length === 1, 5000);
    const start = media.binaries[0]?.data ?? Buffer.alloc(0);
    sizes.push([bytes, start.length - (setup.video?.length ?? 0)]);
  }
  assert.deepEqual(sizes, [
    [10, 24],
    [20, 34],
  ]);
});

test('a source that was away is stepped over, for the player would begin anew at a jump of 5 s', async () => {
  const session = await establish();
  const { media, stamps } = await start(session, 'm');
  stage.streams.packetListeners.get('cam')?.onMessage(setup);
  send(0, true);
  send(13_000, true);
  await until('both frames', () => stamps().length === 2, 5000);
  const clock = media.binaries.flatMap(({ data: bytes }) => (bytes.length === 11 ? [bytes.readUInt32BE(1)] : []));
  assert.deepEqual(
    [stamps(), clock],
    [
      [1000, 14_000],
      [5000, 9000, 13_000],
    ],
  );
});

test('a player that does not read is left out when 8 MiB wait for it, and goes on with a keyframe', async () => {
  const [slow, good] = [await start(await establish(), 'slow'), await start(await establish(), 'good')];
  const frameBytes = 500_000;
  stage.streams.packetListeners.get('cam')?.onMessage(setup);
  send(0, true);
  await until('it plays', () => slow.stamps().length === 1, 5000);
  slow.media.pause();
  let atMs = 0;
  const isAtEnd = (): boolean => good.stamps().at(-1) === atMs + 1000;
  for (let n = 0; n < 80; n += 1) {
    atMs += 100;
    send(atMs, false, frameBytes);
    if (n % 10 === 9) await until('the other gets all', isAtEnd, 5000);
  }
  slow.media.resume();
  await until('it reads what waited', () => slow.stamps().length > 10, 5000);
  // Until all that waited is read it may be passed over.
  await until('a keyframe reaches it', async () => {
    atMs += 100;
    send(atMs, true);
    await until('the other gets it', isAtEnd, 5000);
    return slow.stamps().at(-1) === atMs + 1000;
  });
  const shown = slow.stamps();
  assert.ok(shown.length < 60, `${shown.length} frames of 82 came`);
  assert.deepEqual(
    [...shown],
    [...shown].sort((a, b) => a - b),
  );
  const jump = Math.max(...shown.slice(1).map((stampMs, n) => stampMs - (shown[n] ?? 0)));
  assert.ok(jump > 1000, `it skipped ${jump} ms`);
  assert.equal(good.stamps().length, good.stamps().filter((stampMs, n, all) => stampMs !== all[n - 1]).length);
});
