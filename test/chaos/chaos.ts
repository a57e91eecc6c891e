/**
 * npm run chaos -- [--minutes N] [--seed S] [--kills N]: breaks streams of a running server at random and looks at what their
 * viewers and their neighbours feel of it. Fails on any effect beyond the stream that was hit. `--kills`: so many deaths in a row,
 * and what is left behind after them.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { printTable, quantile, writeResult } from '../bench/report.js';
import { createRandom } from '../support/random.js';
import { until } from '../support/until.js';
import type { SeenRtp } from '../support/viewer/stream-viewer.js';
import { type Blow, blows } from './blows.js';
import { killInARow } from './kills.js';
import { type ChaosStage, type ChaosStream, setChaosStage } from './stage.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string' },
  },
});

/** A hang is noticed after 2 s of the thread's own time, one in native code given up after 4; both more on a busy machine. */
const backMs = 60_000;
const packetsAgain = 15;
/** A neighbour's longest silence: what a busy machine makes of 40 ms. */
const neighbourMs = 1000;

/** The longest time between two packets from `fromNs` on, ms. */
function longestGapMs(packets: readonly SeenRtp[], fromNs: bigint): number {
  const times = packets.filter(({ atNs }) => atNs >= fromNs).map(({ atNs }) => Number(atNs) / 1e6);
  return times.reduce((most, atMs, n) => (n === 0 ? most : Math.max(most, atMs - (times[n - 1] ?? atMs))), 0);
}

function lostOf(packets: readonly SeenRtp[]): number {
  return packets.reduce((lost, { sequence }, n) => {
    const step = n === 0 ? 1 : (sequence - (packets[n - 1]?.sequence ?? 0) + 0x1_0000) % 0x1_0000;
    return lost + (step > 1 && step < 0x8000 ? step - 1 : 0);
  }, 0);
}

interface Felt {
  readonly kind: string;
  readonly gapMs: number;
  /** Viewers of the stream that had to join again. */
  readonly lost: number;
}

async function hit(stage: ChaosStage, stream: ChaosStream, blow: Blow): Promise<Felt> {
  const others = stage.streams.filter((one) => one !== stream);
  const seen = others.map(({ viewers }) => viewers.map((viewer) => viewer.video().length));
  const atNs = process.hrtime.bigint();
  const before = stream.viewers.map((viewer) => viewer.video().length);
  await blow.strike(stage, stream);
  let lost = 0;
  await Promise.all(
    stream.viewers.map(async (viewer, n) => {
      const least = (before[n] ?? 0) + packetsAgain;
      try {
        await until('packets again', () => viewer.video().length >= least && isBack(viewer.video()), backMs);
      } catch {
        lost += 1;
        viewer.close();
        stream.viewers[n] = await stage.join(stream);
      }
    }),
  );
  const gapMs = Math.max(...stream.viewers.map((viewer) => longestGapMs(viewer.video(), atNs)));
  if (!blow.hitsAll) {
    others.forEach(({ name, viewers }, at) => {
      viewers.forEach((viewer, n) => {
        const since = viewer.video().slice(seen[at]?.[n] ?? 0);
        assert.equal(lostOf(since), 0, `${blow.kind} cost ${name} packets`);
        const silentMs = longestGapMs(since, atNs);
        assert.ok(silentMs < neighbourMs, `${blow.kind} silenced ${name} for ${Math.round(silentMs)} ms`);
      });
    });
  }
  return { kind: blow.kind, gapMs, lost };
}

/** Some packets in a row without a long pause. */
function isBack(packets: readonly SeenRtp[]): boolean {
  const last = packets.slice(-packetsAgain);
  const ageMs = Number(process.hrtime.bigint() - (last.at(-1)?.atNs ?? 0n)) / 1e6;
  return last.length === packetsAgain && ageMs < 500 && longestGapMs(last, 0n) < 500;
}

async function breakAtRandom(minutes: number, seed: number): Promise<void> {
  console.log(`seed ${seed}, ${minutes} minutes`);
  const random = createRandom(seed);
  const pick = <T>(things: readonly T[]): T => things[Math.floor(random() * things.length)] ?? assert.fail('nothing');
  const stage = await setChaosStage(4, 2);
  const felt: Felt[] = [];
  try {
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs) {
      const one = await hit(stage, pick(stage.streams), pick(blows));
      felt.push(one);
      console.log(`  ${one.kind}: ${Math.round(one.gapMs)} ms, ${one.lost} lost`);
    }
    assert.ok(process.kill(stage.sluice.child.pid, 0), 'the process lives');
  } finally {
    await stage.end();
  }
  const rows = [...new Set(felt.map(({ kind }) => kind))].sort().map((kind) => {
    const gaps = felt.filter((one) => one.kind === kind).map(({ gapMs }) => gapMs);
    gaps.sort((a, b) => a - b);
    const ms = (share: number): number => Math.round(quantile(gaps, share));
    const lost = felt.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.lost, 0);
    return { kind, times: gaps.length, 'p50 ms': ms(0.5), 'p99 ms': ms(0.99), 'max ms': ms(1), 'viewers lost': lost };
  });
  printTable('gaps in the video of the stream that was hit', rows);
  writeResult('chaos', { seed, minutes, rows });
}

if (values.kills === undefined) await breakAtRandom(Number(values.minutes), Number(values.seed));
else await killInARow(Number(values.kills), Number(values.seed));
