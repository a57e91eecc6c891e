/** A pull that is pointed at another source while it is watched: real threads, real sources, real viewers. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort } from '../support/server/free-port.js';
import { readMark, startMarkedOrigin } from '../support/source/marked-origin.js';
import { watchStream } from '../support/threads/watched-stream.js';
import { until } from '../support/until.js';
import type { StreamViewer } from '../support/viewer/stream-viewer.js';

const secondsFirst = 1_000_000;

async function twoSources(t: TestContext) {
  const sources = [await startMarkedOrigin(0), await startMarkedOrigin(secondsFirst)] as const;
  for (const source of sources) t.after(() => source.close());
  const watched = await watchStream(t, sources[0]);
  const viewer = await watched.enter('viewer');
  await viewer.whenVideo(20);
  return { ...watched, sources, viewer };
}

const marksOf = (viewer: StreamViewer) =>
  viewer.video().flatMap(({ payload, atNs }) => {
    const mark = readMark(payload);
    return mark === null ? [] : [{ ...mark, atNs, isSecond: mark.number >= secondsFirst }];
  });

/** Waits for the first picture of a source after a moment, and gives how long it took, in ms. */
async function pictureOf(viewer: StreamViewer, isSecond: boolean, afterNs: bigint): Promise<number> {
  const key = await until('its next keyframe', () =>
    marksOf(viewer).find((mark) => mark.isSecond === isSecond && mark.isKey && mark.atNs > afterNs),
  );
  return Number(key.atNs - afterNs) / 1e6;
}

test('a viewer keeps its session, sees the next keyframe, and nothing that the other source sent afterwards', async (t) => {
  const { streams, pullId, viewer, sources, told, heard } = await twoSources(t);
  const beganNs = process.hrtime.bigint();
  await streams.pointTo(pullId, sources[1].url('edge'));
  const doneNs = process.hrtime.bigint();
  const toEdge = await pictureOf(viewer, true, beganNs);
  const { origin, uri, playingUri, state } = streams.get(pullId) ?? assert.fail();
  assert.deepEqual([origin, uri, playingUri, state], ['edge', sources[0].url('a-viewer'), null, 'PROCESSED_REMOTE']);
  await viewer.whenVideo(viewer.video().length + 20);
  const late = marksOf(viewer).filter(({ isSecond, sentNs }) => !isSecond && sentNs > doneNs);
  assert.deepEqual(late, []);

  const backNs = process.hrtime.bigint();
  await streams.pointTo(pullId, null);
  const doneBackNs = process.hrtime.bigint();
  const back = await pictureOf(viewer, false, backNs);
  await viewer.whenVideo(viewer.video().length + 20);
  assert.deepEqual(
    marksOf(viewer).filter(({ isSecond, sentNs }) => isSecond && sentNs > doneBackNs),
    [],
  );
  assert.equal(streams.get(pullId)?.origin, 'rest');
  assert.deepEqual([...told], []);
  assert.deepEqual(heard.get('viewer'), ['source.moving', null, 'source.moving', null]);
  const sequences = viewer.video().map(({ sequence }) => sequence);
  assert.ok(
    sequences.every((one, n) => n === 0 || one === ((sequences[n - 1] ?? 0) + 1) % 65_536),
    'one row of packets',
  );
  const ms = (one: number): string => one.toFixed(0);
  t.diagnostic(
    `answered in ${ms(Number(doneNs - beganNs) / 1e6)} ms; picture after ${ms(toEdge)} ms, back ${ms(back)} ms`,
  );
});

test('it is pointed anew while its link is refused, while it is lost, and while its thread starts again', async (t) => {
  const { streams, pullId, viewer, sources, told, lines } = await twoSources(t);
  await streams.pointTo(pullId, `rtmp://127.0.0.1:${await freePort()}/live/nobody`);
  await until('it is refused', () => streams.get(pullId)?.reason === 'source.refused');
  let atNs = process.hrtime.bigint();
  await streams.pointTo(pullId, sources[1].url('edge'));
  await pictureOf(viewer, true, atNs);

  streams.inject('hot', 'throw');
  await until('its thread has ended', () => lines.some(({ event }) => event === 'actor.ended'));
  atNs = process.hrtime.bigint();
  await streams.pointTo(pullId, null);
  await pictureOf(viewer, false, atNs);
  assert.deepEqual([...told], []);
  assert.deepEqual([streams.get(pullId)?.restarts, streams.get(pullId)?.viewers], [1, 1]);
});
