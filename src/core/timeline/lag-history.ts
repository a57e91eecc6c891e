/**
 * How far behind the stamps of each track, and behind the samples of the audio, messages came lately: the least of each half second,
 * since they come late, in lumps, never early.
 */
import type { SourceTrack } from './stamp-fit.js';

type Measure = SourceTrack | 'samples';

export interface LagChange {
  /** By how much the stamps fell behind the samples; without samples behind time. Negative: they ran ahead. */
  readonly driftMs: number;
  /** By how much the samples fell behind time; 0 without samples. */
  readonly samplesMs: number;
  /** About as much in each window: it was no jump. */
  readonly isDriftSteady: boolean;
  readonly areSamplesSteady: boolean;
  readonly hasSamples: boolean;
  readonly passedMs: number;
  /** The stamps of the audio by its own samples, how many times faster: exact, whatever the network does. Null: not known. */
  readonly bySamples: number | null;
}

/** A frame of audio: its stamp, and how much audio came before it. */
interface Heard {
  readonly stampMs: number;
  readonly playedMs: number;
}

type Least = Record<Measure, number>;

interface Window extends Readonly<Least> {
  readonly atMs: number;
  /** The newest; null: none yet, or of unknown length. */
  readonly heard: Heard | null;
}

const windowMs = 500;
const remembered = 49;
/** Of the windows so many have at least this share of what is usual for one. */
const steady = { windows: 0.75, share: 0.4 } as const;
const none = Number.POSITIVE_INFINITY;
const nothing = (): Least => ({ audio: none, video: none, samples: none });

export class LagHistory {
  #windows: readonly Window[] = [];
  #least = nothing();
  #heard: Heard | null = null;
  #startMs: number | null = null;
  /** The first of them: as far from time stamps are to stay. */
  #target: Window | null = null;

  /** A message came: what it is behind, by its stamp, or by the samples before it. */
  observe(measure: Measure, lagMs: number): void {
    this.#least[measure] = Math.min(this.#least[measure], lagMs);
  }

  /** A frame of audio came. */
  heard(stampMs: number, playedMs: number): void {
    this.#heard = { stampMs, playedMs };
  }

  /** True where a window is over by now. */
  goOn(nowMs: number): boolean {
    this.#startMs ??= nowMs;
    if (nowMs - this.#startMs < windowMs) return false;
    this.#close(nowMs);
    return true;
  }

  /** Earlier messages say nothing of those that follow. */
  begin(): void {
    this.#windows = [];
    this.#least = nothing();
    this.#heard = null;
    this.#startMs = null;
    this.#target = null;
  }

  /** Over so many windows; null: not that many are known. */
  change(track: SourceTrack, count: number): LagChange | null {
    const windows = this.#windows.slice(-1 - count);
    const [first, last] = [windows[0], windows.at(-1)];
    if (first === undefined || last === undefined || windows.length <= count) return null;
    const whole = changeOf(track, first, last);
    const steps = windows.slice(1).map((window, n) => changeOf(track, windows[n] ?? window, window));
    if (!Number.isFinite(whole.driftMs) || !steps.every(({ driftMs }) => Number.isFinite(driftMs))) return null;
    return {
      ...whole,
      // In the first of them the clock may have been another one.
      bySamples: track === 'audio' ? speedOf(windows[Math.floor(count / 2)]?.heard ?? null, last.heard) : null,
      isDriftSteady: isSteady(steps.map(({ driftMs }) => driftMs)),
      areSamplesSteady: isSteady(steps.map(({ samplesMs }) => samplesMs)),
    };
  }

  /** How far the stamps of a track have fallen behind since the first window; null: not known. */
  sinceFirst(track: SourceTrack): Pick<LagChange, 'driftMs' | 'samplesMs'> | null {
    const now = this.#windows.at(-1);
    if (now === undefined || this.#target === null) return null;
    const change = changeOf(track, this.#target, now);
    return Number.isFinite(change.driftMs) ? change : null;
  }

  #close(nowMs: number): void {
    const last = this.#windows.at(-1);
    // What comes seldom is taken to be where it was.
    const leastOf = (measure: Measure): number =>
      Number.isFinite(this.#least[measure]) ? this.#least[measure] : (last?.[measure] ?? none);
    const window = {
      atMs: nowMs,
      heard: this.#heard,
      audio: leastOf('audio'),
      video: leastOf('video'),
      samples: leastOf('samples'),
    };
    this.#windows = [...this.#windows, window].slice(-remembered);
    this.#target ??= window;
    this.#least = nothing();
    this.#startMs = nowMs;
  }
}

function changeOf(track: SourceTrack, before: Window, now: Window) {
  const hasSamples = Number.isFinite(before.samples) && Number.isFinite(now.samples);
  const samplesMs = hasSamples ? now.samples - before.samples : 0;
  const driftMs = now[track] - before[track] - samplesMs;
  return { driftMs, samplesMs, hasSamples, passedMs: now.atMs - before.atMs };
}

function speedOf(one: Heard | null, other: Heard | null): number | null {
  if (one === null || other === null || other.playedMs <= one.playedMs) return null;
  return (other.stampMs - one.stampMs) / (other.playedMs - one.playedMs);
}

function isSteady(steps: readonly number[]): boolean {
  const usual = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return steps.filter((step) => step / usual >= steady.share).length >= steps.length * steady.windows;
}
