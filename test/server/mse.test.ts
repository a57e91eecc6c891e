/** /mse/{name}: what a player is sent first, whom it is not sent to, and one that does not keep up. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Fragment, FragmentMessage, InitSegment } from '../../src/core/fragments/fragment.js';
import { SluiceError } from '../../src/errors.js';
import type { MediaListener, SourceNews } from '../../src/supervisor/media-watch.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';
import { type ServerStage, startStage } from './stage.js';

const init: InitSegment = {
  kind: 'init',
  data: Buffer.from('init'),
  codecs: ['avc1.64001f', 'mp4a.40.2'],
  timescales: { video: 90_000, audio: 48_000 },
  videoCodec: 'H264',
  audioCodec: 'AAC',
  width: 640,
  height: 360,
};
const said = { type: 'mse', value: 'video/mp4; codecs="avc1.64001f,mp4a.40.2"' };
const groupFrames = 10;
const frameBytes = 100_000;

/** One that says its number. */
function fragment(n: number): Fragment {
  const data = Buffer.alloc(frameBytes);
  data.writeUInt32BE(n);
  const startMs = n * 40;
  return { kind: 'fragment', track: 'video', data, isKeyframe: n % groupFrames === 0, startMs, durationMs: 40 };
}

let stage: ServerStage;
const listeners: MediaListener<FragmentMessage>[] = [];
let frames = 0;
const show = (): void => {
  for (const listener of listeners) listener.onMessage(fragment(frames));
  frames += 1;
};

/** Its streams are `show`n to who watches. */
const watched = (one: ServerStage): ServerStage => {
  one.streams.watchFragments = async (_request, listener) => {
    listeners.push(listener);
    listener.onMessage(init);
    return { pullId: 'p', localName: 'cam', close: () => {} };
  };
  return one;
};
before(async () => {
  stage = watched(await startStage());
});
after(() => stage.end());

const open = (from = stage) => openWebSocket(`${from.rest.replace('http', 'ws')}/mse/cam`);
type Player = Awaited<ReturnType<typeof open>>;
/** The numbers of the frames that came behind so many texts, without the init segments. */
const numbersOf = ({ binaries }: Player, texts: number): readonly number[] =>
  binaries.filter((one) => one.texts === texts && one.data.length > 4).map(({ data }) => data.readUInt32BE());

test('players are sent the codecs, the init segment and all since the newest keyframe, from one watch of the stream', async () => {
  const first = await open();
  await until('the stream is watched', () => listeners.length > 0);
  for (let n = 0; n < 13; n += 1) show();
  assert.deepEqual(await first.next(), said);
  const second = await open();
  assert.deepEqual(await second.next(), said);
  show();
  await until('both are sent all', () => [first, second].every((one) => numbersOf(one, 1).at(-1) === 13));
  assert.deepEqual(numbersOf(first, 1), [...Array(14).keys()]);
  assert.deepEqual(numbersOf(second, 1), [10, 11, 12, 13]);
  assert.equal(second.binaries[0]?.data.toString(), 'init');
  assert.equal(listeners.length, 1);
  for (const one of [first, second]) one.close();
});

test('a player that does not read is left out, costs the others nothing, and goes on at a keyframe', async () => {
  const [good, slow] = [await open(), await open()];
  for (const one of [good, slow]) assert.deepEqual(await one.next(), said);
  slow.pause();
  const from = frames;
  const showTo = async (end: number): Promise<void> => {
    while (frames < end) {
      show();
      await turn();
    }
    await until('the good one has all', () => numbersOf(good, 1).at(-1) === end - 1);
  };
  // 8 MiB wait for it, and what its socket takes.
  for (let end = from + 50; end <= from + 400; end += 50) await showTo(end);
  slow.resume();
  await until('it goes on', async () => {
    await showTo(frames + 1);
    return numbersOf(slow, 2).length > groupFrames;
  });
  const [before, behind] = [numbersOf(slow, 1), numbersOf(slow, 2)];
  assert.deepEqual(await slow.next(), said);
  assert.ok(before.length < 350, `${before.length} frames waited for it`);
  assert.equal((behind[0] ?? 1) % groupFrames, 0);
  for (const numbers of [before, behind]) {
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, n) => (numbers[0] ?? 0) + n),
    );
  }
  const all = numbersOf(good, 1);
  assert.deepEqual(
    all,
    Array.from(all, (_, n) => (all[0] ?? 0) + n),
  );
  for (const one of [good, slow]) one.close();
});

test('what waits for players of one client that do not read is bounded: those for whom most waits are closed', async () => {
  const good = await open();
  const slow = await Promise.all(Array.from({ length: 12 }, () => open()));
  for (const one of [good, ...slow]) assert.deepEqual(await one.next(), said);
  for (const one of slow) one.pause();
  const cut = () => stage.logged.filter(({ event }) => event === 'server.playersCut');
  await until('some are closed', async () => {
    for (let n = 0; n < 40; n += 1) {
      show();
      await turn();
    }
    await until('the good one has it', () => numbersOf(good, 1).at(-1) === frames - 1);
    return cut().length > 0;
  });
  const [first] = cut();
  assert.ok(Number(Object(first?.fields).players) < slow.length, JSON.stringify(first));
  for (const one of [good, ...slow]) one.close();
});

test('players are told what the source says in texts between its fragments, and that it is away, those that come later too', async () => {
  const player = await open();
  assert.deepEqual(await player.next(), said);
  const data = { name: 'onTextData', values: [{ text: 'hello' }], timestampMs: 40, receivedMs: 1 };
  const lost = { code: 'source.stalled', text: 'The source sent no media for too long' };
  const tell = (news: SourceNews): void => {
    for (const { onNews } of listeners) onNews?.(news);
  };
  tell({ kind: 'data', data });
  assert.deepEqual(await player.next(), { type: 'data', value: data });
  tell({ kind: 'source', lost: 'source.stalled' });
  assert.deepEqual(await player.next(), { type: 'source', value: { lost } });
  const late = await open();
  assert.deepEqual([await late.next(), await late.next()], [said, { type: 'source', value: { lost } }]);
  tell({ kind: 'source', lost: null });
  for (const one of [player, late]) {
    assert.deepEqual(await one.next(), { type: 'source', value: { lost: null } });
    one.close();
  }
});

test('players are told what is wrong with the stream, in words, and that nothing is any more', async () => {
  const player = await open();
  assert.deepEqual(await player.next(), said);
  const alerts = [
    { code: 'INGRESS_NO_AUDIO', status: 'info', text: 'The source sends no sound', deadTrack: null },
  ] as const;
  const tell = (news: SourceNews): void => {
    for (const { onNews } of listeners) onNews?.(news);
  };
  tell({ kind: 'alerts', alerts });
  assert.deepEqual(await player.next(), { type: 'alerts', value: { alerts } });
  const late = await open();
  assert.deepEqual([await late.next(), await late.next()], [said, { type: 'alerts', value: { alerts } }]);
  tell({ kind: 'alerts', alerts: [] });
  for (const one of [player, late]) {
    assert.deepEqual(await one.next(), { type: 'alerts', value: { alerts: [] } });
    one.close();
  }
});

test('a player counts as a viewer with what it was sent, until it goes, and is told when REST has ended it', async () => {
  const { fragmentViews } = stage.streams;
  await until('those before have gone', () => fragmentViews.size === 0);
  const [one, other] = [await open(), await open()];
  for (const player of [one, other]) assert.deepEqual(await player.next(), said);
  await until('both count', () => fragmentViews.size === 2);
  const [view, second] = [...fragmentViews.values()];
  assert.deepEqual([view?.mediaProvider, view?.pullId, view?.name], ['MSE', 'p', 'cam']);
  const begun = view?.bytesSent() ?? 0;
  for (let n = 0; n < 5; n += 1) show();
  assert.equal((view?.bytesSent() ?? 0) - begun, 5 * frameBytes);
  view?.onEnded(null);
  const ended = await Promise.race([one.closed.then(() => one), other.closed.then(() => other)]);
  assert.deepEqual(
    [await ended.next(), await ended.closed],
    [{ type: 'error', value: 'This session was ended by a REST call; play the stream again' }, 4410],
  );
  await until('it counts no more', () => fragmentViews.size === 1);
  assert.equal([...fragmentViews.values()][0], second);
  (ended === one ? other : one).close();
  await until('nor does the other', () => fragmentViews.size === 0);
});

test('players of a stream that ends are told why, and so is one of a stream that is not there', async () => {
  const player = await open();
  assert.deepEqual(await player.next(), said);
  for (const listener of listeners) listener.onOver('source.ended');
  assert.deepEqual(await player.next(), { type: 'error', value: 'The source ended the stream' });
  assert.equal(await player.closed, 4502);
  stage.streams.watchFragments = () => Promise.reject(new SluiceError('stream.notFound'));
  const other = await open();
  assert.equal(await other.closed, 4404);
});

test('with messageMs a message holds so much of the stream, begins with the keyframe, and no player is sent a frame twice', async (t) => {
  listeners.length = 0;
  const other = watched(await startStage({ settings: { fragments: { messageMs: 100 } } }));
  t.after(() => other.end());
  const first = await open(other);
  await until('the stream is watched', () => listeners.length > 0);
  frames = 0;
  for (let n = 0; n < 14; n += 1) show();
  assert.deepEqual(await first.next(), said);
  const second = await open(other);
  assert.deepEqual(await second.next(), said);
  for (let n = 0; n < 6; n += 1) show();
  show();
  const framesOf = ({ binaries }: Player): readonly number[] =>
    binaries.flatMap(({ data }) =>
      Array.from({ length: Math.floor(data.length / frameBytes) }, (_, n) => data.readUInt32BE(n * frameBytes)),
    );
  await until('both are sent all', () => [first, second].every((one) => framesOf(one).at(-1) === 19));
  assert.deepEqual(framesOf(first), [...Array(20).keys()]);
  assert.deepEqual(framesOf(second), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  const lengths = second.binaries.slice(1).map(({ data }) => data.length / frameBytes);
  assert.deepEqual(lengths.slice(4), [3, 3], 'frames of 40 ms, 100 ms in a message');
  for (const one of [first, second]) one.close();
});
