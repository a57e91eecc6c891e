/** The short form of `npm run bench -- many`: many streams with many viewers on one host, and nobody is lost. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { churn } from '../support/load/churn.js';
import type { Load } from '../support/load/load.js';
import { openStage, type Stage } from '../support/load/stage.js';
import type { Usage } from '../support/server/usage.js';
import { until } from '../support/until.js';

const streams = 10;
const each = 10;
const watchMs = 5000;
const churnSeconds = 10;
/** What malloc and V8 keep of one round is not what they keep of the next. The threads of the streams alone would be 300 MB. */
const slackMb = 80;

/** What the first round leaves behind for good: threads of pools, and what they hold. */
const staying = { threads: 4, descriptors: 8 } as const;

let stage: Stage;
/** When the first round is over: code, pools and certificates stay. */
let quiet: Usage;

before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** Its connections of HTTP end with it. */
const enter = (): Load => stage.load({ processes: 1, usesGro: true, openEvery: 4 });

type Held = Pick<Usage, 'threads' | 'descriptors' | 'rssMb'>;

const wordsOf = ({ threads, descriptors, rssMb }: Held): string =>
  `${threads} threads, ${descriptors} descriptors, ${rssMb.toFixed(0)} MB`;

/** Waits until the server holds no more than this. */
async function back(t: TestContext, most: Held): Promise<void> {
  const isBack = (): boolean => {
    const { threads, descriptors, rssMb } = stage.usage();
    return threads <= most.threads && descriptors <= most.descriptors && rssMb <= most.rssMb;
  };
  await until('it is back', isBack, 30_000).catch((error: unknown) => {
    throw new Error(`${error}: ${wordsOf(stage.usage())}, where at most ${wordsOf(most)} may be held`);
  });
  t.diagnostic(`held behind it: ${wordsOf(stage.usage())}, of at most ${wordsOf(most)}`);
}

test(`${streams} streams with ${each} viewers each: all play, and nothing is lost`, async (t) => {
  const idle = stage.usage();
  const load = enter();
  const names = Array.from({ length: streams }, (_, n) => `cam${n}`);
  assert.deepEqual((await stage.pull(names)).missing, []);
  const joined = await load.join(new Array<readonly string[]>(each).fill(names.map(stage.endpoint)).flat(), 4000);
  assert.deepEqual(
    joined.flatMap(({ error }) => error ?? []),
    [],
  );
  await load.measure();
  await delay(watchMs);
  const { playing, ended, silent, lost, unauthentic, others, dropped, ...counts } = await load.result();
  // On a busy machine the server may leave out frames, and says so by no gap.
  t.diagnostic(`${counts.frames} frames came in ${watchMs} ms, ${counts.framesMissed} were left out`);
  assert.deepEqual(
    { playing, ended, silent, lost, unauthentic, others, dropped },
    { playing: streams * each, ended: 0, silent: 0, lost: 0, unauthentic: 0, others: 0, dropped: 0 },
  );
  for (const what of ['frames', 'opened', 'reportsSent', 'checksSent', 'senderReports'] as const) {
    assert.ok(counts[what] >= streams * each, what);
  }
  assert.deepEqual(stage.faults(), []);

  await load.leave(
    joined.flatMap(({ viewer }) => viewer ?? []),
    'delete',
  );
  for (const name of names) await stage.terminate(name);
  await load.end();
  await back(t, {
    threads: idle.threads + staying.threads,
    descriptors: idle.descriptors + staying.descriptors,
    rssMb: Number.POSITIVE_INFINITY,
  });
  quiet = stage.usage();
});

test(`${churnSeconds} s of joins, leaves, pulls and terminates disturb nobody who stays, and leave nothing behind`, async (t) => {
  const plan = { seconds: churnSeconds, steadyStreams: 5, passingStreams: 5, viewers: 80, joinsPerSecond: 12, seed: 1 };
  const load = enter();
  const { joined, pulled, terminated, failures } = await churn(stage, load, plan);
  assert.deepEqual(failures, []);
  assert.deepEqual(stage.faults(), []);
  assert.equal((await load.result()).lost, 0);
  assert.equal(terminated, pulled);
  t.diagnostic(`${joined.length} joins, ${pulled} pulls`);
  await load.end();
  await back(t, { threads: quiet.threads, descriptors: quiet.descriptors, rssMb: quiet.rssMb + slackMb });
});
