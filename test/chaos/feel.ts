/** What one blow does to the viewers of the stream that it hits, and to those of its neighbours, who must feel nothing. */
import assert from 'node:assert/strict';
import { quantile, type Row } from '../bench/report.js';
import { until } from '../support/until.js';
import { longestGapMs, type SeenRtp } from '../support/viewer/stream-viewer.js';
import type { WhepViewer } from '../support/viewer/whep-viewer.js';
import type { Blow } from './blows.js';
import { browserGapMs } from './browser-gap.js';
import type { ChaosStage, ChaosStream } from './stage.js';

/** A hang is noticed after 1.2 s of the thread's own time, one in native code given up after 2.2; both more on a busy machine. */
const backMs = 60_000;
const packetsAgain = 15;
/** A neighbour's longest silence: what a busy machine makes of 40 ms. */
const neighbourMs = 1000;

function lostOf(packets: readonly SeenRtp[]): number {
  return packets.reduce((lost, { sequence }, n) => {
    const step = n === 0 ? 1 : (sequence - (packets[n - 1]?.sequence ?? 0) + 0x1_0000) % 0x1_0000;
    return lost + (step > 1 && step < 0x8000 ? step - 1 : 0);
  }, 0);
}

export interface Felt {
  readonly kind: string;
  readonly gapMs: number;
  /** Of Chromium and Firefox, where they watch the stream; null: they do not. */
  readonly browserGapMs: number | null;
  /** Viewers of the stream that had to join again. */
  readonly lost: number;
}

/** Strikes, and waits until all viewers see packets again; who does not joins again. */
export async function hit(stage: ChaosStage, stream: ChaosStream, blow: Blow): Promise<Felt> {
  const others = blow.hits === 'nobody' ? stage.streams : stage.streams.filter((one) => one !== stream);
  const look = blow.hits === 'all' ? null : lookAtNeighbours(others);
  const atNs = process.hrtime.bigint();
  const before = stream.viewers.map((viewer) => viewer.video().length);
  const strike = blow.strike(stage, stream);
  const inBrowsers = Promise.all(stream.browsers.map((viewer) => browserGapMs(viewer, strike, backMs)));
  // What the blow itself fails with is told first.
  inBrowsers.catch(() => {});
  await strike;
  const again = stream.viewers.map((viewer, n) => isSeenAgain(viewer, before[n] ?? 0));
  let lost = 0;
  for (const [n, isBackAgain] of (await Promise.all(again)).entries()) {
    if (isBackAgain) continue;
    lost += 1;
    stream.viewers[n]?.close();
    stream.viewers[n] = await stage.join(stream);
  }
  const gapMs = Math.max(0, ...stream.viewers.map((viewer) => longestGapMs(viewer.video(), atNs)));
  const browserGaps = await inBrowsers;
  look?.(blow.kind, atNs);
  return { kind: blow.kind, gapMs, browserGapMs: browserGaps.length === 0 ? null : Math.max(...browserGaps), lost };
}

/** Whether its video goes on soon. `before`: so many packets it had. */
export async function isSeenAgain(viewer: WhepViewer, before: number, mostMs = backMs): Promise<boolean> {
  const least = before + packetsAgain;
  try {
    await until('packets again', () => viewer.video().length >= least && isBack(viewer.video()), mostMs);
    return true;
  } catch {
    return false;
  }
}

/** Gives what fails when one of them has felt anything since. */
function lookAtNeighbours(others: readonly ChaosStream[]): (kind: string, atNs: bigint) => void {
  const seen = others.map(({ viewers }) => viewers.map((viewer) => viewer.video().length));
  return (kind, atNs) => {
    others.forEach(({ name, viewers }, at) => {
      viewers.forEach((viewer, n) => {
        const since = viewer.video().slice(seen[at]?.[n] ?? 0);
        assert.equal(lostOf(since), 0, `${kind} cost ${name} packets`);
        const silentMs = longestGapMs(since, atNs);
        assert.ok(silentMs < neighbourMs, `${kind} silenced ${name} for ${Math.round(silentMs)} ms`);
      });
    });
  };
}

/** Some packets in a row without a long pause. */
function isBack(packets: readonly SeenRtp[]): boolean {
  const last = packets.slice(-packetsAgain);
  const ageMs = Number(process.hrtime.bigint() - (last.at(-1)?.atNs ?? 0n)) / 1e6;
  return last.length === packetsAgain && ageMs < 500 && longestGapMs(last, 0n) < 500;
}

/** By kind: how long the gaps were, and how many viewers were lost. */
export function gapRows(felt: readonly Felt[]): readonly Row[] {
  return [...new Set(felt.map(({ kind }) => kind))].sort().map((kind) => {
    const ofKind = felt.filter((one) => one.kind === kind);
    const gaps = ofKind.map(({ gapMs }) => gapMs).sort((a, b) => a - b);
    const inBrowsers = ofKind.flatMap(({ browserGapMs }) => browserGapMs ?? []);
    const ms = (share: number): number => Math.round(quantile(gaps, share));
    return {
      kind,
      times: gaps.length,
      'p50 ms': ms(0.5),
      'p99 ms': ms(0.99),
      'max ms': ms(1),
      'browsers max ms': inBrowsers.length === 0 ? '' : Math.round(Math.max(...inBrowsers)),
      'viewers lost': ofKind.reduce((sum, { lost }) => sum + lost, 0),
    };
  });
}
