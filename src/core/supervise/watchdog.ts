/**
 * Which threads are to be ended from outside, and when that is safe. Pure: the caller reads the threads' blocks every
 * `tickMs` and carries out what is decided.
 *
 * - A thread is hung when its beat stood still for `hangMs` while the main thread's own timer was on time: time that
 *   passed in a late tick is nobody's fault, so a starved machine kills nobody. At most one hung thread a second is
 *   condemned: were the judgement wrong all the same, it would not be wrong about all of them at once.
 * - A thread that was asked to stop and did not (`overdue`) is ended too, without that limit.
 * - First it is condemned (it then parks before it enters node-av), and terminated only when it is not inside node-av:
 *   `terminate()` there aborts the process. If it never comes out, or survives, only a new process helps: `escalate`.
 */

export interface WatchLimits {
  readonly tickMs: number;
  readonly hangMs: number;
  /** The same for a thread that never beat yet: it still loads its code. */
  readonly startMs: number;
  /** How long a condemned thread may stay inside node-av, ms. */
  readonly nativeGraceMs: number;
  /** How long a terminated thread may live on, ms. */
  readonly terminateGraceMs: number;
}

/** One thread as its block shows it now; a thread that is gone is left out. */
export interface ThreadSign {
  readonly id: string;
  readonly beat: number;
  readonly inNative: boolean;
  readonly overdue: boolean;
}

export type EndCause = 'hung' | 'overdue';

export type WatchDecision =
  | { readonly kind: 'condemn'; readonly id: string; readonly cause: EndCause }
  | { readonly kind: 'terminate'; readonly id: string }
  | { readonly kind: 'escalate'; readonly id: string; readonly why: 'inNative' | 'survived' };

interface Watched {
  readonly beat: number;
  /** On-time ms since the beat moved, or, when condemned, since the phase began. */
  readonly stillMs: number;
  readonly phase: 'living' | 'condemned' | 'terminated' | 'escalated';
}

export interface WatchState {
  readonly lastTickMs: number | null;
  readonly lastHungMs: number | null;
  readonly threads: ReadonlyMap<string, Watched>;
}

export interface WatchStep {
  readonly state: WatchState;
  readonly decisions: readonly WatchDecision[];
}

const betweenHungMs = 1000;

export const nothingWatched: WatchState = { lastTickMs: null, lastHungMs: null, threads: new Map() };

/** Ticks that come later than twice their time show a machine, or a main thread, that is starved. */
export function watch(state: WatchState, signs: readonly ThreadSign[], nowMs: number, limits: WatchLimits): WatchStep {
  const elapsedMs = state.lastTickMs === null ? 0 : nowMs - state.lastTickMs;
  const onTimeMs = elapsedMs <= 2 * limits.tickMs ? elapsedMs : 0;
  const decisions: WatchDecision[] = [];
  const threads = new Map<string, Watched>();
  let { lastHungMs } = state;

  for (const sign of signs) {
    const before = state.threads.get(sign.id) ?? { beat: sign.beat, stillMs: 0, phase: 'living' as const };
    const mayCondemnHung = lastHungMs === null || nowMs - lastHungMs >= betweenHungMs;
    const { watched, decided } = look(before, sign, onTimeMs, mayCondemnHung, limits);
    if (decided.some((one) => one.kind === 'condemn' && one.cause === 'hung')) lastHungMs = nowMs;
    threads.set(sign.id, watched);
    decisions.push(...decided);
  }
  return { state: { lastTickMs: nowMs, lastHungMs, threads }, decisions };
}

interface Look {
  readonly watched: Watched;
  readonly decided: readonly WatchDecision[];
}

function look(before: Watched, sign: ThreadSign, onTimeMs: number, mayCondemnHung: boolean, limits: WatchLimits): Look {
  const { id, beat } = sign;
  const stillMs = before.phase === 'living' && beat !== before.beat ? 0 : before.stillMs + onTimeMs;
  const stay: Look = { watched: { beat, stillMs, phase: before.phase }, decided: [] };
  switch (before.phase) {
    case 'living': {
      const isHung = stillMs >= (beat === 0 ? limits.startMs : limits.hangMs);
      if (!sign.overdue && !(isHung && mayCondemnHung)) return stay;
      // Condemning comes a tick before ending: whoever was about to enter node-av has then shown it, or parked.
      const cause = sign.overdue ? 'overdue' : 'hung';
      return { watched: { beat, stillMs: 0, phase: 'condemned' }, decided: [{ kind: 'condemn', id, cause }] };
    }
    case 'condemned':
      if (!sign.inNative) {
        return { watched: { beat, stillMs: 0, phase: 'terminated' }, decided: [{ kind: 'terminate', id }] };
      }
      return stillMs < limits.nativeGraceMs ? stay : escalated(sign, 'inNative');
    case 'terminated':
      return stillMs < limits.terminateGraceMs ? stay : escalated(sign, 'survived');
    case 'escalated':
      return stay;
  }
}

function escalated({ id, beat }: ThreadSign, why: 'inNative' | 'survived'): Look {
  return { watched: { beat, stillMs: 0, phase: 'escalated' }, decided: [{ kind: 'escalate', id, why }] };
}
