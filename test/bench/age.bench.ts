/**
 * How old the picture is ten seconds after the source restarted, and after a join late in a long group: `npm run bench -- age`.
 * Goal: 500 ms. With audio; `npm run bench -- age chromium restart` takes one browser, and leaves out the joins.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { publishClock } from '../support/source/clock-publisher.js';
import { printTable, writeResult } from './report.js';

const goalMs = 500;
const afterMs = 10_000;
const frames = 15;
/** Into a group of 70 s, whose next one begins later than the measurement. */
const joinsAtS = [17, 55];
const longGopS = 70;
const shortGopS = 2;
const awayMs = 1500;
const browsers = { chromium: startChromium, firefox: startFirefox };

interface Age {
  readonly browser: string;
  readonly bFrames: boolean;
  readonly what: string;
  /** Median of some frames; null: none was shown. */
  readonly ageMs: number | null;
}

/** Null where no frame was shown in time, or none that could be read. */
const ageOf = (age: Promise<number>): Promise<number | null> =>
  Promise.race([age.catch(() => null), delay(afterMs, null, { ref: false })]);

/** The source is asked for before it publishes: it would keep a player waiting for its next keyframe. */
async function startSource(stage: Stage, name: string, gopSeconds: number, hasBFrames: boolean) {
  const uri = stage.nginx.url(name);
  await pull(stage.sluice, uri, name);
  await whenStatus(stage.sluice, name, 'CONNECTED', 20_000);
  const clock = { gopSeconds, hasTone: true, hasBFrames };
  const publisher = await publishClock(uri, clock);
  const startMs = performance.now();
  await whenStatus(stage.sluice, name, 'PROCESSED_REMOTE', 45_000);
  return { startMs, publisher, again: () => publishClock(uri, clock) };
}

const endpointOf = ({ sluice }: Stage, name: string): string => `${sluice.rest}/whep/${name}`;

async function afterRestart(stage: Stage, hasBFrames: boolean): Promise<number | null> {
  const source = await startSource(stage, 'restart', shortGopS, hasBFrames);
  const page = await stage.tab();
  const viewer = await watch(page, stage.pages.origin, endpointOf(stage, 'restart'));
  await delay(afterMs);
  await source.publisher.stop();
  await delay(awayMs);
  const publisher = await source.again();
  await whenStatus(stage.sluice, 'restart', 'PROCESSED_REMOTE', 45_000);
  await delay(afterMs);
  const age = await ageOf(viewer.frameAgeMs(frames));
  await page.context().close();
  await publisher.stop();
  return age;
}

async function afterJoin(stage: Stage): Promise<number | null> {
  const page = await stage.tab();
  const joinedMs = performance.now();
  const joining = watch(page, stage.pages.origin, endpointOf(stage, 'long')).catch(() => null);
  const viewer = await Promise.race([joining, delay(afterMs, null, { ref: false })]);
  await delay(Math.max(0, joinedMs + afterMs - performance.now()));
  const age = viewer === null ? null : await ageOf(viewer.frameAgeMs(frames));
  await page.context().close();
  return age;
}

async function measureLateJoins(stage: Stage, cell: Pick<Age, 'browser' | 'bFrames'>): Promise<void> {
  const started = startSource(stage, 'long', longGopS, cell.bFrames);
  for (const atS of joinsAtS) {
    await note({ ...cell, what: `join ${atS} s into a group` }, async () => {
      const { startMs } = await started;
      await delay(Math.max(0, startMs + atS * 1000 - performance.now()));
      return afterJoin(stage);
    });
  }
  await (await started.catch(() => null))?.publisher.stop();
}

const wanted = process.argv.slice(2);
const isWanted = (word: string, words: readonly string[]): boolean =>
  !words.some((one) => wanted.includes(one)) || wanted.includes(word);
const cases = ['restart', 'joins'];
const ages: Age[] = [];

/** One that fails leaves the others their cells. */
async function note(cell: Omit<Age, 'ageMs'>, measure: () => Promise<number | null>): Promise<void> {
  const ageMs = await measure().catch((error: unknown) => {
    console.error(`${cell.browser}, ${cell.what}: ${error}`);
    return null;
  });
  ages.push({ ...cell, ageMs });
  console.error(
    `${cell.browser}${cell.bFrames ? ', B-frames' : ''}, ${cell.what}: ${ageMs?.toFixed(0) ?? 'no picture'}`,
  );
}

for (const [browser, launch] of Object.entries(browsers)) {
  if (!isWanted(browser, Object.keys(browsers))) continue;
  for (const bFrames of [false, true]) {
    const stage = await setStage({ launch });
    try {
      if (isWanted('restart', cases)) {
        await note({ browser, bFrames, what: 'source restart' }, () => afterRestart(stage, bFrames));
      }
      if (isWanted('joins', cases)) await measureLateJoins(stage, { browser, bFrames });
    } finally {
      await stage.end();
    }
  }
}
printTable(
  `Age of the picture, ms, ${afterMs / 1000} s after (goal: ${goalMs})`,
  ages.map(({ browser, bFrames, what, ageMs }) => ({
    browser,
    'B-frames': bFrames ? 'yes' : 'no',
    after: what,
    age: ageMs === null ? 'no picture' : ageMs.toFixed(0),
  })),
);
writeResult('age', { goalMs, ages });
