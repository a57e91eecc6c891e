/**
 * What a thread does about the memory that it holds, by what it counts at its heartbeats. Pure.
 *
 * V8's own limit does not hold what a thread takes: it knows nothing of buffers, and an array that grows beyond it ends the
 * whole process (docs/reliability.md 2.2). So each thread counts for itself, and ends itself in order when it is over its budget.
 * What is counted includes garbage: nothing is decided before a collection has shown what is really held.
 */

/** `collect`: garbage now, and count again. `shed`: give up what is costly. `restore`: there is room for it again. */
export type BudgetStep = 'none' | 'collect' | 'shed' | 'restore' | 'end';

export interface BudgetState {
  /** Null: never. */
  readonly collectedMs: number | null;
  readonly isShedding: boolean;
  /** Since when it holds little, while it sheds; null: it does not. */
  readonly lowSinceMs: number | null;
}

export interface BudgetDecision {
  readonly state: BudgetState;
  readonly step: BudgetStep;
}

/** Of the budget: from here on costly things are given up. */
const shedShare = 0.75;
/** Below it, for so long, they are taken up again. */
const lowShare = 0.5;
const lowMs = 30_000;
/** A collection takes up to 0.1 s: no more than one in this time. */
const betweenCollectionsMs = 2000;
/** V8 gives the memory of buffers back a moment after the collection that has found them dead. */
const settleMs = 150;

export const nothingHeld: BudgetState = { collectedMs: null, isShedding: false, lowSinceMs: null };

/** `usedBytes`: garbage included. */
export function decideBudget(
  before: BudgetState,
  usedBytes: number,
  budgetBytes: number,
  nowMs: number,
): BudgetDecision {
  const share = usedBytes / budgetBytes;
  if (share < shedShare) return relax(before, share, nowMs);
  const state = { ...before, lowSinceMs: null };
  if (before.isShedding && share < 1) return { state, step: 'none' };
  const sinceMs = before.collectedMs === null ? Number.POSITIVE_INFINITY : nowMs - before.collectedMs;
  if (sinceMs >= betweenCollectionsMs) return { state: { ...state, collectedMs: nowMs }, step: 'collect' };
  if (sinceMs < settleMs) return { state, step: 'none' };
  if (share >= 1) return { state, step: 'end' };
  return { state: { ...state, isShedding: true }, step: 'shed' };
}

function relax(before: BudgetState, share: number, nowMs: number): BudgetDecision {
  if (!before.isShedding || share >= lowShare) return { state: { ...before, lowSinceMs: null }, step: 'none' };
  const lowSinceMs = before.lowSinceMs ?? nowMs;
  if (nowMs - lowSinceMs < lowMs) return { state: { ...before, lowSinceMs }, step: 'none' };
  return { state: { ...before, isShedding: false, lowSinceMs: null }, step: 'restore' };
}
