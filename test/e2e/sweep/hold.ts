/**
 * The rule (test/README.md, The sweep): what a source sends is shown and heard soon, or it is told in one stable code which track is
 * not there and why.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../../src/clock.js';
import type { Asking } from '../../support/server/asking.js';
import { pull } from '../../support/server/pulls.js';
import type { RunningSluice } from '../../support/server/sluice.js';
import { until } from '../../support/until.js';
import { chromiumOffer } from '../../support/viewer/offers.js';
import type { Fate, TagInput } from './input.js';
import type { SweepOrigin } from './origin.js';
import { nothingReceived, type Reception, receptionOf } from './reception.js';
import { type Listed, listedAs, reasonFor, whereUnsaid } from './told.js';
import { WcsViewer } from './wcs-viewer.js';

const lookMs = 300;
/** Until what find_all says is said everywhere, on a busy machine. */
const toldMs = 5000;
/** Of a slow source. */
const mostMs = 10_000;

/** Of a browser that also takes H.265. */
const offerSdp = chromiumOffer
  .replace('a=rtpmap:35 VP9/90000', 'a=rtpmap:35 H265/90000')
  .replace('a=fmtp:35 profile-id=1', 'a=fmtp:35 level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST');

export interface Outcome {
  readonly name: string;
  /** What is told wrongly, or not everywhere. */
  readonly faults: readonly string[];
  /** From the first bytes, or the end of a track, to the first picture or sound, or the reason, of the later track. */
  readonly tookMs: number;
  /** Something was neither there nor told in time. */
  readonly isLate: boolean;
  readonly words: string;
}

export interface SweepStage {
  readonly sluice: RunningSluice;
  readonly asking: Asking;
  readonly origin: SweepOrigin;
}

type Track = 'audio' | 'video';
const tracks = ['video', 'audio'] as const;

/** What became of one track. */
interface Verdict {
  readonly track: Track;
  readonly code: string | null;
  readonly atMs: number;
}

const isKept = (fate: Fate, code: string | null): boolean =>
  fate === 'either' || (fate === 'shown' ? code === null : fate === code);

interface Moment {
  readonly listed: Listed | null;
  readonly seen: Reception;
}

/** Null: neither shown nor told so far. */
function judge(input: TagInput, track: Track, { listed, seen }: Moment): Verdict | null {
  const code = reasonFor(listed, track);
  if (code !== null) return { track, code, atMs: monotonicMs() };
  const isThere = track === 'video' ? seen.isShown : seen.isHeard;
  const firstMs = track === 'video' ? seen.firstPictureMs : seen.firstSoundMs;
  // Of a track that ends nobody is told before it has ended.
  return isThere && input.ends?.track !== track ? { track, code: null, atMs: firstMs ?? 0 } : null;
}

async function watch(stage: SweepStage, input: TagInput, startMs: number, viewer: WcsViewer) {
  const wanted = tracks.filter((track) => input[track] !== null);
  let verdicts: readonly Verdict[] = [];
  /** By track and reason: when it was told first. */
  const told = new Map<string, Verdict>();
  let moment: Moment = { listed: null, seen: nothingReceived };
  const isOver = (): boolean =>
    verdicts.length === wanted.length && verdicts.every(({ track, code }) => isKept(input[track] ?? 'either', code));
  while (!isOver() && monotonicMs() - startMs < mostMs) {
    await delay(lookMs);
    const seen = viewer.viewer === null ? nothingReceived : await receptionOf(viewer.viewer, viewer.answerSdp, input);
    moment = { listed: await listedAs(stage.asking, input.name), seen };
    verdicts = wanted
      .flatMap((track) => judge(input, track, moment) ?? [])
      .map((verdict) => {
        const key = `${verdict.track} ${verdict.code}`;
        if (verdict.code === null) return verdict;
        told.set(key, told.get(key) ?? verdict);
        return told.get(key) ?? verdict;
      });
  }
  return { wanted, verdicts, moment };
}

/** Where the reason of the first track that is not there, which is the one that a place tells that has room for one, is not told. */
async function whereUntold(
  { sluice, asking }: SweepStage,
  name: string,
  viewer: WcsViewer,
): Promise<readonly string[]> {
  let untold: readonly string[] = [];
  const isTold = async (): Promise<boolean> => {
    const listed = await listedAs(asking, name);
    // A reason that passes may have given way to another one.
    const code = listed?.reason?.code ?? null;
    if (listed === null || code === null) return true;
    const where = await whereUnsaid(sluice, asking, listed, code, viewer.told?.code ?? null);
    untold = where.map((place) => `${code} is not said by ${place}`);
    return untold.length === 0;
  };
  await until('all say it', isTold, toldMs).catch(() => {});
  return untold;
}

export async function holdToRule(stage: SweepStage, input: TagInput): Promise<Outcome> {
  const { sluice, origin } = stage;
  const { name } = input;
  const uri = origin.begin(input);
  const { status } = await pull(sluice, uri, name);
  if (status !== 200) return { name, faults: [`the pull is answered ${status}`], tookMs: 0, isLate: false, words: '' };
  const startMs = await until(`${name}: a player`, () => origin.firstPlayMs(input) ?? undefined);
  const { signalling } = sluice;
  const viewer = await WcsViewer.open({ signalling, name, offerSdp, width: input.width });
  try {
    const { wanted, verdicts, moment } = await watch(stage, input, startMs, viewer);
    const faults = wanted.flatMap((track) => {
      const verdict = verdicts.find((one) => one.track === track);
      if (verdict === undefined) return [];
      const fate = input[track] ?? 'either';
      return isKept(fate, verdict.code) ? [] : [`${track} is ${verdict.code ?? 'shown'}, not ${fate}`];
    });
    const isTold = verdicts.some(({ code }) => code !== null);
    const unsaid = isTold ? await whereUntold(stage, name, viewer) : [];
    const tookMs = Math.max(0, ...verdicts.map(({ atMs }) => atMs - startMs - (input.ends?.afterMs ?? 0)));
    const missing = wanted.filter((track) => !verdicts.some((one) => one.track === track));
    const isLate = missing.length > 0 || (tookMs > input.toldMs && input.fps !== 0);
    const words = [
      ...verdicts.map(({ track, code }) => `${track} ${code ?? 'is there'}`),
      ...missing.map((track) => `${track} is neither there nor told of (${moment.seen.words})`),
    ].join(', ');
    return { name, faults: [...faults, ...unsaid], tookMs, isLate, words };
  } finally {
    viewer.close();
    await sluice.post('/rest-api/pull/rtmp/terminate', { uri });
  }
}
