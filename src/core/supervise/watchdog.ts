/**
 * Which threads are to be ended from outside, and when that is safe. Pure: the caller reads the threads' blocks, and the
 * kernel's account of the silent ones, every `tickMs`, and carries out what is decided.
 *
 * - A thread is hung when it was silent for `hangMs` of its own time: time in which it ran, or slept though it could have
 *   run. The time in which it waited for a core (or for the disk) is nobody's fault, so a starved machine kills nobody. A
 *   tick of the main thread that came late shows a machine or a main thread that is starved, or a process that was
 *   stopped: of such a tick sleep counts no longer than a tick is meant to be. And a thread that sleeps may wait for another one:
 *   of its sleep no more counts than a tenth while the main thread, which stands for the others, waits for a core itself.
 * - A thread that rests in the wait of its own event loop is not silent, whatever its block says: it goes on as soon as there is
 *   something to do.
 * - A thread that loads code has `loadMs` in place of that, one that has not begun to beat `startMs`.
 * - At most one hung thread a second is condemned: were the judgement wrong all the same, it would not be wrong about all of
 *   them at once.
 * - A thread that was asked to stop, or is on its way out, beats no more: it is never hung. It has `stopMs` of its own time, rest
 *   included, and is ended without that limit. Sleep of one on its way out counts a tenth: its isolate is taken down when the
 *   engine's own threads have nothing to do any more for any other (node::NodePlatform::DrainTasks), and ending it is no quicker.
 * - A thread that was chosen because the process has too little memory (memory-ceiling.ts) is ended as it stands.
 * - First it is condemned (it then parks before it enters node-av), and terminated only when it is not inside node-av:
 *   `terminate()` there aborts the process. If it does not come out, or survives, it is abandoned: cut off from all it had, its
 *   place is given to another, and it is terminated when it does come out. Beyond `maxAbandoned` of them only a new process
 *   helps: `escalate`.
 */

import { beatMs } from './beat-block.js';

export interface WatchLimits {
  readonly tickMs: number;
  readonly hangMs: number;
  /** The same for a thread that never beat yet. */
  readonly startMs: number;
  /** The same for a thread that loads code. */
  readonly loadMs: number;
  /** How long a thread that was asked to stop may take, ms. */
  readonly stopMs: number;
  /** How long a condemned thread may stay inside node-av, ms. */
  readonly nativeGraceMs: number;
  /** How long a terminated thread may live on, ms. */
  readonly terminateGraceMs: number;
  readonly maxAbandoned: number;
}

/** The kernel's account of a thread (proc_pid_schedstat, proc_pid_stat). */
export interface ThreadTime {
  /** It ran so long in all. */
  readonly ranMs: number;
  /** It waited so long in all for a core, known when it got one. */
  readonly waitedMs: number;
  /**
   * resting: it waits for events in its event loop. asleep: it waits for a lock, or for anything else. waiting: it runs, or could
   * if there were a core or the disk's answer.
   */
  readonly state: 'resting' | 'asleep' | 'waiting' | 'gone';
}

/** One thread as its block shows it now; a thread that is gone is left out. */
export interface ThreadSample {
  readonly id: string;
  readonly beat: number;
  readonly inNative: boolean;
  readonly isLoading: boolean;
  /** It was asked to stop, or is on its way out. */
  readonly isStopping: boolean;
  /** It has done its last work, and is on its way out. */
  readonly isLeaving: boolean;
  /** Null: not asked for (the thread is neither silent nor stopping), or the kernel does not say. */
  readonly time: ThreadTime | null;
}

export type EndCause = 'hung' | 'overdue' | 'memory';
/** `stopped`: exit code 0, asked or not. `crashed`, or why it was condemned, or ended itself (memory). */
export type EndedBy = 'stopped' | 'crashed' | EndCause;
export type StuckWhy = 'inNative' | 'survived';

export type WatchDecision =
  | { readonly kind: 'condemn'; readonly id: string; readonly cause: EndCause; readonly silentMs: number }
  | { readonly kind: 'terminate'; readonly id: string }
  | { readonly kind: 'abandon'; readonly id: string; readonly why: StuckWhy }
  | { readonly kind: 'escalate'; readonly id: string; readonly why: StuckWhy };

interface Watched {
  readonly beat: number;
  readonly time: ThreadTime | null;
  /** The thread's own time since the beat moved, or, when condemned, since the phase began. */
  readonly silentMs: number;
  /** The thread's own time since it was asked to stop. */
  readonly stoppingMs: number;
  readonly phase: 'living' | 'condemned' | 'terminated';
  readonly isAbandoned: boolean;
}

export interface WatchState {
  readonly lastTickMs: number | null;
  readonly lastHungMs: number | null;
  readonly mainTime: ThreadTime | null;
  readonly threads: ReadonlyMap<string, Watched>;
}

export interface WatchStep {
  readonly state: WatchState;
  readonly decisions: readonly WatchDecision[];
}

/** What is known beside the threads that are watched. */
export interface WatchContext {
  /** The thread that is to be ended for the memory of the process. */
  readonly tooLarge: string | null;
  /** The kernel's account of the main thread; null: not asked for. */
  readonly mainTime: ThreadTime | null;
}

const nothingElse: WatchContext = { tooLarge: null, mainTime: null };
const betweenHungMs = 1000;
/** What counts of sleep however long others wait for a core. */
const leastSleep = 0.1;

export const nothingWatched: WatchState = { lastTickMs: null, lastHungMs: null, mainTime: null, threads: new Map() };

/** True when the kernel's account of this thread is wanted with the sign: one that beats needs none, nor one between two beats. */
export function wantsTime(state: WatchState, id: string, beat: number, isStopping: boolean): boolean {
  const before = state.threads.get(id);
  return (
    isStopping ||
    (before !== undefined && ((before.beat === beat && before.silentMs >= beatMs) || before.phase !== 'living'))
  );
}

export function watch(
  state: WatchState,
  samples: readonly ThreadSample[],
  nowMs: number,
  limits: WatchLimits,
  { tooLarge, mainTime }: WatchContext = nothingElse,
): WatchStep {
  const elapsedMs = state.lastTickMs === null ? 0 : nowMs - state.lastTickMs;
  const decisions: WatchDecision[] = [];
  const threads = new Map<string, Watched>();
  let abandoned = [...state.threads.values()].filter(({ isAbandoned }) => isAbandoned).length;
  let { lastHungMs } = state;
  // Known from the second tick on at which somebody is looked at closely.
  const starvedMs = mainTime === null || state.mainTime === null ? 0 : mainTime.waitedMs - state.mainTime.waitedMs;

  for (const sample of samples) {
    const before = state.threads.get(sample.id) ?? firstSight(sample);
    const chargedMs = chargedTime(before.time, sample.time, {
      elapsedMs,
      starvedMs: sample.isLeaving && sample.time?.state === 'asleep' ? elapsedMs : starvedMs,
      tickMs: limits.tickMs,
    });
    const mayCondemnHung = lastHungMs === null || nowMs - lastHungMs >= betweenHungMs;
    const isTooLarge = sample.id === tooLarge;
    const { watched, decided } = look(before, sample, chargedMs, { ...limits, mayCondemnHung, isTooLarge, abandoned });
    if (decided?.kind === 'condemn' && decided.cause === 'hung') lastHungMs = nowMs;
    if (decided?.kind === 'abandon') abandoned += 1;
    if (decided !== null) decisions.push(decided);
    threads.set(sample.id, watched);
  }
  return { state: { lastTickMs: nowMs, lastHungMs, mainTime, threads }, decisions };
}

const firstSight = ({ beat, time }: ThreadSample): Watched => ({
  beat,
  time,
  silentMs: 0,
  stoppingMs: 0,
  phase: 'living',
  isAbandoned: false,
});

interface Tick {
  readonly elapsedMs: number;
  /** How much of it this thread may have waited for others that had no core. */
  readonly starvedMs: number;
  /** As long as it is meant to be. */
  readonly tickMs: number;
}

/** How much of the last tick was the thread's own. */
function chargedTime(before: ThreadTime | null, now: ThreadTime | null, tick: Tick): number {
  const { elapsedMs, starvedMs, tickMs } = tick;
  const isLate = elapsedMs > 2 * tickMs;
  if (now?.state === 'gone') return 0;
  // Its silence began since the last tick, or the kernel says nothing: then the main thread's own lateness must do.
  if (before === null || now === null) return isLate ? 0 : elapsedMs;
  const ranMs = Math.min(elapsedMs, Math.max(0, now.ranMs - before.ranMs));
  if (now.state === 'waiting') return ranMs;
  // Asleep at tick after tick it is not starved; but a tick that came late proves no more than one that did not.
  const sleptMs = Math.min(elapsedMs, isLate ? tickMs : elapsedMs) - (now.waitedMs - before.waitedMs);
  return Math.max(ranMs, Math.max(sleptMs - starvedMs, leastSleep * sleptMs));
}

interface LookLimits extends WatchLimits {
  readonly mayCondemnHung: boolean;
  readonly isTooLarge: boolean;
  readonly abandoned: number;
}

interface Look {
  readonly watched: Watched;
  readonly decided: WatchDecision | null;
}

function look(before: Watched, sample: ThreadSample, chargedMs: number, limits: LookLimits): Look {
  const { beat, time } = sample;
  const { phase, isAbandoned } = before;
  const hasBeaten = phase === 'living' && beat !== before.beat;
  const isResting = time?.state === 'resting';
  const silentMs = hasBeaten || (phase === 'living' && isResting) ? 0 : before.silentMs + chargedMs;
  const stoppingMs = sample.isStopping ? before.stoppingMs + chargedMs : 0;
  const watched: Watched = { beat, time, silentMs, stoppingMs, phase, isAbandoned };
  switch (phase) {
    case 'living':
      return judge(watched, sample, limits);
    case 'condemned':
      // It has ended by itself, and its end is on its way.
      if (time?.state === 'gone') return { watched, decided: null };
      if (!sample.inNative) {
        const ended: Watched = { ...watched, silentMs: 0, phase: 'terminated' };
        return { watched: ended, decided: { kind: 'terminate', id: sample.id } };
      }
      return isAbandoned || silentMs < limits.nativeGraceMs
        ? { watched, decided: null }
        : giveUp(watched, sample, 'inNative', limits);
    case 'terminated':
      return isAbandoned || silentMs < limits.terminateGraceMs
        ? { watched, decided: null }
        : giveUp(watched, sample, 'survived', limits);
  }
}

function judge(watched: Watched, { id, beat, isLoading, isStopping }: ThreadSample, limits: LookLimits): Look {
  const { silentMs, stoppingMs } = watched;
  const isHung = !isStopping && silentMs >= (beat === 0 ? limits.startMs : isLoading ? limits.loadMs : limits.hangMs);
  const isOverdue = isStopping && stoppingMs >= limits.stopMs;
  if (!limits.isTooLarge && !isOverdue && !(isHung && limits.mayCondemnHung)) return { watched, decided: null };
  // Condemning comes a tick before ending: a thread that was about to enter node-av has then shown it, or parked.
  const cause = limits.isTooLarge ? 'memory' : isOverdue ? 'overdue' : 'hung';
  return {
    watched: { ...watched, silentMs: 0, phase: 'condemned' },
    decided: { kind: 'condemn', id, cause, silentMs: Math.round(silentMs) },
  };
}

function giveUp(watched: Watched, { id }: ThreadSample, why: StuckWhy, { abandoned, maxAbandoned }: LookLimits): Look {
  const kind = abandoned < maxAbandoned ? 'abandon' : 'escalate';
  return { watched: { ...watched, isAbandoned: true }, decided: { kind, id, why } };
}
