/** When the thread of one pull is started again: drives the restart policy (core/supervise/policy.ts). */
import { withoutHostPaths } from '../core/guard/host-paths.js';
import type { ChildEnd } from '../core/supervise/child.js';
import {
  type ChildExit,
  decideRestart,
  neverRestarted,
  type PolicyLimits,
  type RestartDecision,
} from '../core/supervise/policy.js';

interface NextStart {
  readonly state: 'restarting' | 'failed';
  /** UTC. */
  readonly atMs: number;
}

export interface RestartsOptions {
  readonly policy: PolicyLimits;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly restart: () => void;
}

export interface Restarts {
  /** The thread has ended so. What was decided is on its way. */
  ended(exit: ChildExit, end: Pick<ChildEnd, 'cause' | 'error'>): RestartDecision;
  /** The last end that nobody asked for; null: there was none. */
  readonly lastEnd: ChildEnd | null;
  /** The start that is on its way, and how the thread stands until then; null: none is. */
  readonly next: NextStart | null;
  /** None from now on. */
  cancel(): void;
}

export function createRestarts({ policy, nowMs, random, restart }: RestartsOptions): Restarts {
  let history = neverRestarted;
  let timer: NodeJS.Timeout | undefined;
  let next: NextStart | null = null;
  let lastEnd: ChildEnd | null = null;
  const startAgain = (state: NextStart['state'], afterMs: number): void => {
    next = { state, atMs: Date.now() + afterMs };
    timer = setTimeout(() => {
      next = null;
      restart();
    }, afterMs);
  };
  return {
    ended(exit, { cause, error }) {
      if (exit === 'abnormal') lastEnd = { cause, error: withoutHostPaths(error), atMs: Date.now() };
      const { history: after, decision } = decideRestart(history, exit, nowMs(), random(), policy);
      history = after;
      if (decision.kind === 'restart') startAgain('restarting', decision.afterMs);
      if (decision.kind === 'failed') startAgain('failed', decision.probeAfterMs);
      return decision;
    },
    get lastEnd() {
      return lastEnd;
    },
    get next() {
      return next;
    },
    cancel: () => clearTimeout(timer),
  };
}
