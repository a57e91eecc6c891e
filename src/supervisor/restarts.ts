/** When the thread of one pull is started again: drives the restart policy (core/supervise/policy.ts). */
import {
  type ChildExit,
  decideRestart,
  neverRestarted,
  type PolicyLimits,
  type RestartDecision,
} from '../core/supervise/policy.js';

export interface RestartsOptions {
  readonly policy: PolicyLimits;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly restart: () => void;
}

export interface Restarts {
  /** The thread has ended so. What was decided is on its way. */
  ended(exit: ChildExit): RestartDecision;
  /** None from now on. */
  cancel(): void;
}

export function createRestarts({ policy, nowMs, random, restart }: RestartsOptions): Restarts {
  let history = neverRestarted;
  let timer: NodeJS.Timeout | undefined;
  return {
    ended(exit) {
      const { history: next, decision } = decideRestart(history, exit, nowMs(), random(), policy);
      history = next;
      if (decision.kind === 'restart') timer = setTimeout(restart, decision.afterMs);
      if (decision.kind === 'failed') timer = setTimeout(restart, decision.probeAfterMs);
      return decision;
    },
    cancel: () => clearTimeout(timer),
  };
}
