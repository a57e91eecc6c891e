/** Chromium and Firefox through the death of the thread that serves them: the same connection, the same element. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { type Reception, type Viewer, watch } from '../support/browser/viewer.js';
import { findAll, pull, whenStatus } from '../support/server/pulls.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let stage: Stage;
let firefox: Browser;

before(async () => {
  [stage, firefox] = await Promise.all([setStage(), startFirefox()]);
  const publisher = await publish(stage.nginx.url('cam'), { size: '320x180', bitrateKbps: 400, gopFrames: 30 });
  stage.onEnd(() => publisher.stop());
  stage.onEnd(() => firefox.close());
});
after(() => stage.end());

interface Gaps {
  readonly gapMs: number;
  readonly soundGapMs: number;
}

/** Of the sound, what was not made up by the browser. */
const heardOf = ({ audioSamples, concealedSamples }: Reception): number => audioSamples - concealedSamples;

/**
 * Firefox sends each check of consent once, every 4 to 6 s, and says `disconnected` where the next one is due before the answer (nICEr,
 * nr_ice_component_consent_calc_consent_timer): for as long as nothing answers by then, as on a busy machine, it may.
 */
const consentMs = 4000;
const longestGapMs = new Map<Viewer, number>();

async function assertConnected(viewer: Viewer): Promise<void> {
  const states = await viewer.states();
  const gapMs = longestGapMs.get(viewer) ?? 0;
  const isLost = (state: string): boolean =>
    /failed|closed/.test(state) || (state === 'disconnected' && gapMs <= consentMs);
  assert.ok(!states.some(isLost), `${states.join(' ')}, at the most ${gapMs} ms without a frame`);
}

/** How long the viewer saw no new frame, and heard nothing of its own. */
async function outlive(viewer: Viewer, whenOver: Promise<unknown>): Promise<Gaps> {
  const before = await viewer.stats();
  let last = before;
  let lastHeard = before;
  let gapMs = 0;
  let soundGapMs = 0;
  let isOver = false;
  void whenOver.then(() => {
    isOver = true;
  });
  const seen = { frames: 0, afterOver: 0 };
  await until(
    'frames and sound again',
    async () => {
      const now = await viewer.stats();
      if (now.framesDecoded > last.framesDecoded) {
        gapMs = Math.max(gapMs, now.atMs - last.atMs);
        if (isOver) seen.afterOver += now.framesDecoded - last.framesDecoded;
        last = now;
      }
      if (heardOf(now) > heardOf(lastHeard)) {
        soundGapMs = Math.max(soundGapMs, now.atMs - lastHeard.atMs);
        lastHeard = now;
      }
      return seen.afterOver >= 60 && lastHeard.atMs > now.atMs - 500 ? true : undefined;
    },
    30_000,
  );
  assert.deepEqual([last.ssrc, last.audioSsrc], [before.ssrc, before.audioSsrc]);
  longestGapMs.set(viewer, Math.max(gapMs, longestGapMs.get(viewer) ?? 0));
  await assertConnected(viewer);
  return { gapMs, soundGapMs };
}

/**
 * So long behind the last fault the same connection plays: longer than any timer of ICE, DTLS or the browsers' own, of which the
 * longest is that of consent, 30 s (RFC 7675 5.1).
 */
const afterMs = 40_000;
const lookMs = 5000;

/** Watches for so long: pictures come all the time, by the connection that was there first. */
async function goesOn(viewer: Viewer, forMs: number): Promise<void> {
  let last = await viewer.stats();
  const endMs = last.atMs + forMs;
  do {
    const before = last;
    last = await until(`frames behind ${before.framesDecoded}`, async () => {
      const now = await viewer.stats();
      return now.framesDecoded > before.framesDecoded && now.atMs - before.atMs >= lookMs ? now : undefined;
    });
    assert.equal(last.ssrc, before.ssrc);
  } while (last.atMs < endMs);
  await assertConnected(viewer);
}

const faults = [
  { fault: 'throw', mostMs: 2500 },
  // A second one, some seconds behind the first.
  { fault: 'throw', mostMs: 2500 },
  { fault: 'hang', mostMs: 8000 },
  { fault: 'heap', mostMs: 12_000 },
  { fault: 'restart', mostMs: 1500 },
] as const;

test('both browsers play on through an exception, a hang, a full heap and a restart, and so does their neighbour', async (t) => {
  const { nginx, sluice, pages } = stage;
  await pull(sluice, `${nginx.url('cam')}?broken`, 'broken');
  await pull(sluice, `${nginx.url('cam')}?watched`, 'watched');
  await whenStatus(sluice, 'broken', 'PROCESSED_REMOTE');
  await whenStatus(sluice, 'watched', 'PROCESSED_REMOTE');
  const endpoint = (name: string): string => `${sluice.rest}/whep/${name}`;
  const chromium = await watch(await stage.tab(), pages.origin, endpoint('broken'));
  const neighbour = await watch(await stage.tab(), pages.origin, endpoint('watched'));
  const fox = await watch(await (await firefox.newContext()).newPage(), pages.origin, endpoint('broken'));
  const neighbourBefore = await neighbour.stats();
  const broken = (await findAll(sluice)).find(({ localStreamName }) => localStreamName === 'broken');
  const pullId = broken?.localMediaSessionId ?? assert.fail();

  for (const { fault, mostMs } of faults) {
    const deaths = (): number => sluice.log().filter(({ event }) => event === 'actor.ended').length;
    const before = deaths();
    const over = fault === 'restart' ? Promise.resolve() : until('it dies', () => deaths() > before, 15_000);
    const watching = [chromium, fox].map((viewer) => outlive(viewer, over));
    if (fault === 'restart') assert.equal((await sluice.post(`/api/streams/${pullId}/restart`, {})).status, 200);
    else assert.equal((await sluice.post('/api/fault', { name: 'broken', fault })).status, 200);
    const gaps = await Promise.all(watching);
    const words = gaps.map(
      ({ gapMs, soundGapMs }, n) =>
        `${n === 0 ? 'Chromium' : 'Firefox'} ${Math.round(gapMs)} ms, sound ${Math.round(soundGapMs)} ms`,
    );
    t.diagnostic(`${fault}: ${words.join('; ')}`);
    for (const { gapMs, soundGapMs } of gaps) {
      assert.ok(gapMs <= mostMs, `${fault}: ${gapMs} ms without a frame`);
      assert.ok(soundGapMs <= mostMs, `${fault}: ${soundGapMs} ms without sound`);
    }
  }
  await Promise.all([chromium, fox, neighbour].map((viewer) => goesOn(viewer, afterMs)));
  const after = await neighbour.stats();
  assert.equal(after.packetsLost - neighbourBefore.packetsLost, 0);
  assert.equal(after.audioPacketsLost - neighbourBefore.audioPacketsLost, 0);
  assert.equal((await fetch(chromium.session, { method: 'DELETE' })).status, 200);
});
