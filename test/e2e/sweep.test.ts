/**
 * Every input of the suite as a live source, many at a time: sources as the world sends them, the corpus of the fuzzers. What each sends
 * is shown and heard within 3 s, or the server says in one stable code which track is not there and why (test/README.md, The sweep).
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { judged } from '../support/judged.js';
import { askAt } from '../support/server/asking.js';
import { startSluice } from '../support/server/sluice.js';
import { makeCaseInputs } from './sweep/case-inputs.js';
import { makeCorpusInputs } from './sweep/corpus-inputs.js';
import { holdToRule, type Outcome, type SweepStage } from './sweep/hold.js';
import { holdRawToRule } from './sweep/hold-raw.js';
import { mixed, type TagInput } from './sweep/input.js';
import { makeOddInputs } from './sweep/odd-inputs.js';
import { startSweepOrigin } from './sweep/origin.js';
import { readOwnInputs } from './sweep/own-inputs.js';
import { makePlainMedia } from './sweep/plain-media.js';
import { type RawSource, startRawSources } from './sweep/raw-inputs.js';
import { makeSourceInputs } from './sweep/source-inputs.js';

const atOnce = 16;
const atOnceAgain = 6;
/** Words that the names of inputs hold: those alone are tried, and of the odd ones all. */
const wanted = new RegExp(process.env.SWEEP ?? '');
/** Of anybody's recordings; what becomes of each of them is said. */
const folder = process.env.SWEEP_FOLDER ?? null;
let inputs: readonly TagInput[] = [];
let raw: readonly RawSource[] = [];
let stage: SweepStage;
before(async () => {
  const media = await makePlainMedia();
  inputs = [
    ...(await makeSourceInputs(media)),
    ...(await makeOddInputs(media, process.env.SWEEP === undefined ? null : wanted)),
    ...makeCaseInputs(),
    ...makeCorpusInputs(media),
    ...(folder === null ? [] : readOwnInputs(folder)),
  ];
  raw = await startRawSources(mixed(media.h264, media.aac));
  const sluice = await startSluice([
    '--media.maxRenditions=64',
    '--viewers.maxUnfinishedPerIp=1000',
    // What others take of the machine is no word about a source.
    '--viewers.maxCpuPercent=0',
  ]);
  stage = { sluice, asking: askAt(sluice.rest), origin: await startSweepOrigin(inputs) };
});
after(async () => {
  stage.asking.close();
  await stage.sluice.stop();
  await Promise.all([stage.origin.close(), ...raw.map((source) => source.close())]);
});

/** So many at a time. */
async function inParallel(jobs: readonly (() => Promise<Outcome>)[], count: number): Promise<readonly Outcome[]> {
  const waiting = [...jobs];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) outcomes.push(await job());
  };
  await Promise.all(Array.from({ length: count }, work));
  return outcomes;
}

const wordsOf = (outcomes: readonly Outcome[]): string =>
  outcomes.map(({ name, tookMs, words }) => `${name} after ${tookMs.toFixed(0)} ms: ${words}`).join('\n');

/** Gives those that are late, or not told everywhere. */
async function hold(t: TestContext, names: ReadonlySet<string>, count: number): Promise<readonly Outcome[]> {
  const isAsked = ({ name }: { readonly name: string }): boolean => names.has(name);
  const ofMedia = inputs.filter(isAsked).map((input) => () => holdToRule(stage, input));
  const ofRtmp = raw.filter(isAsked).map((source) => () => holdRawToRule(stage, source));
  const outcomes = (await Promise.all([inParallel(ofMedia, count), inParallel(ofRtmp, count)])).flat();
  const late = outcomes.filter(({ isLate, faults }) => isLate || faults.length > 0);
  for (const { name, faults, words } of late) t.diagnostic(`${name}: ${faults.length > 0 ? faults.join('; ') : words}`);
  for (const { name, words } of outcomes) if (name.startsWith('own/')) t.diagnostic(`${name}: ${words}`);
  t.diagnostic(`${outcomes.length - late.length} of ${outcomes.length} in time, ${count} at a time`);
  return late;
}

test('what is sent is shown, or it is told why not', async (t) => {
  const names = [...inputs, ...raw].map(({ name }) => name);
  let late = await hold(t, new Set(names.filter((name) => wanted.test(name))), atOnce);
  // Side by side they are late by each other: those that were are asked once more, a few at a time.
  await judged(t, {
    measure: async () => {
      late = await hold(t, new Set(late.map(({ name }) => name)), atOnceAgain);
      // What is told in some places and not in others is no matter of time.
      assert.deepEqual(
        late.filter(({ faults }) => faults.length > 0).map(({ name, faults }) => `${name}: ${faults.join('; ')}`),
        [],
      );
      return late;
    },
    isGood: (left) => left.length === 0,
    words: wordsOf,
    windows: 2,
  });
});
