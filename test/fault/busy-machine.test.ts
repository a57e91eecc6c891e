/** A machine that has too much to do: everything may come late, and nobody is taken for hung. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Child } from '../support/server/child.js';
import { findAll, pull } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { publish } from '../support/source/publisher.js';
import type { RtmpServer } from '../support/source/rtmp-server.js';
import { startHogs } from '../support/threads/hogs.js';
import { until } from '../support/until.js';
import { type Crowd, type Joined, startCrowd } from '../support/viewer/crowd.js';

const streams = 20;
const stressMs = 12_000;
/** In which 40 join. */
const joinMs = 8_000;
const upTimeoutMs = 60_000;
const mostRounds = 5;

let nginx: RtmpServer;
let publisher: Child;

before(async () => {
  nginx = await startNginx();
  publisher = await publish(nginx.url('cam'), { size: '320x180', bitrateKbps: 200, gopFrames: 30 });
});
after(async () => {
  await publisher.stop();
  await nginx.stop();
});

const start = async (t: TestContext): Promise<RunningSluice> => {
  const sluice = await startSluice(['--viewers.silenceTimeoutMs=600000']);
  t.after(() => sluice.stop());
  return sluice;
};

/** A query makes each a pull of its own. */
async function pullMany(sluice: RunningSluice, prefix: string, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, n) => `${prefix}${n}`);
  await Promise.all(names.map((name) => pull(sluice, `${nginx.url('cam')}?${name}`, name)));
  return names;
}

const whenUp = (sluice: RunningSluice, names: readonly string[]): Promise<boolean> =>
  until(
    `${names.length} streams are up`,
    async () => {
      const up = (await findAll(sluice)).filter(({ status }) => status === 'PROCESSED_REMOTE');
      return names.every((name) => up.some(({ localStreamName }) => localStreamName === name)) ? true : undefined;
    },
    upTimeoutMs,
  );

const enter = (t: TestContext): Crowd => {
  const crowd = startCrowd();
  t.after(crowd.end);
  return crowd;
};

/**
 * Joins them all. Of a slow machine not enough is free for all of them while they wait (src/supervisor/overload.ts): who is refused for that
 * alone comes again, as players do.
 */
async function joinAll(t: TestContext, crowd: Crowd, endpoints: readonly string[]): Promise<void> {
  let asked = endpoints;
  for (let round = 0; round < mostRounds && asked.length > 0; round += 1) {
    const joined = await crowd.join(asked, 1000);
    const isRefused = ({ error }: Joined): boolean => error?.includes('others leave no more of the machine') === true;
    assertAllPlay(
      t,
      joined.filter((one) => !isRefused(one)),
    );
    asked = joined.filter(isRefused).map(({ endpoint }) => endpoint);
  }
  assert.deepEqual(asked, [], 'refused again and again');
}

function assertAllPlay(t: TestContext, joined: readonly Joined[]): void {
  const errors = joined.flatMap(({ error }) => error ?? []);
  const tookMs = joined.map((one) => Math.round(one.tookMs)).toSorted((a, b) => a - b);
  t.diagnostic(`${joined.length} join in ${tookMs[0]} to ${tookMs.at(-1)} ms`);
  assert.deepEqual(errors, []);
}

/** Nobody was taken for hung, or for one that does not stop; no thread died. */
function assertNobodyEnded(sluice: RunningSluice): void {
  const bad = new Set(['actor.condemned', 'actor.abandoned', 'actor.cannotBeEnded', 'actors.leftBehind']);
  const ended = sluice.log().filter((line) => bad.has(line.event) || (line.exitCode ?? 0) !== 0);
  assert.deepEqual(ended, []);
}

test(`${streams} idle streams get their first viewers within a second, and then five each: all of them play`, async (t) => {
  const sluice = await start(t);
  const names = await pullMany(sluice, 'idle', streams);
  await whenUp(sluice, names);
  const crowd = enter(t);
  const endpoints = names.map((name) => `${sluice.rest}/whep/${name}`);
  await joinAll(t, crowd, endpoints);
  await joinAll(t, crowd, new Array<readonly string[]>(5).fill(endpoints).flat());
  const datagrams = await crowd.watch(2000);
  assert.equal(datagrams.length, 6 * streams);
  assert.ok(Math.min(...datagrams) > 0, 'each goes on');
  assertNobodyEnded(sluice);
});

test('a machine whose cores are all taken ends nobody who joins, is pulled or plays', {
  timeout: 240_000,
}, async (t) => {
  const sluice = await start(t);
  const names = await pullMany(sluice, 'old', 4);
  await whenUp(sluice, names);
  const endHogs = await startHogs();
  t.after(endHogs);
  const startMs = performance.now();
  const crowd = enter(t);
  const endpoints = names.map((name) => `${sluice.rest}/whep/${name}`);
  const joining = crowd.join(new Array<readonly string[]>(10).fill(endpoints).flat(), joinMs);
  const late = await pullMany(sluice, 'new', 10);
  await whenUp(sluice, late);
  assertAllPlay(t, await joining);
  await crowd.watch(Math.max(0, stressMs - (performance.now() - startMs)));
  assertNobodyEnded(sluice);
});

test('a hundred pulls that end at once on a busy machine end in order', { timeout: 240_000 }, async (t) => {
  const sluice = await start(t);
  const names = await pullMany(sluice, 'ending', 100);
  await whenUp(sluice, names);
  t.after(await startHogs());
  await Promise.all(
    names.map((name) => sluice.post('/rest-api/pull/rtmp/terminate', { uri: `${nginx.url('cam')}?${name}` })),
  );
  await until(
    'all have ended',
    () => sluice.log().filter(({ event }) => event === 'actor.ended').length >= names.length,
    120_000,
  );
  assertNobodyEnded(sluice);
});
