/**
 * What is known of each child of the supervisor, the main thread: one for each thread, with those that work for a stream below it.
 * `GET /api/supervision` shows the tree as it stands here.
 */

export const childKinds = ['stream', 'shard', 'rendition', 'spare', 'pool', 'recorder', 'demo'] as const;
export type ChildKind = (typeof childKinds)[number];

export const childStates = [
  /** For its turn to start, or for the first answer of its source. */
  'waiting',
  'starting',
  'running',
  /** It was asked to stop, or is being ended. */
  'ending',
  /** It has ended, and will be started again. */
  'restarting',
  /** It has ended too often, and is started again now and then. */
  'failed',
  /** It cannot be ended, and was left behind. */
  'abandoned',
  /** It has ended, or was never needed. */
  'ended',
] as const;
export type ChildState = (typeof childStates)[number];

/** An end that nobody asked for. */
export interface ChildEnd {
  /** crashed, hung, overdue, memory. */
  readonly cause: string;
  /** In words; empty: there are none. */
  readonly error: string;
  /** UTC. */
  readonly atMs: number;
}

/** The viewers of a thread went on in another one. */
export interface HandOverReport {
  /** From the end of the thread until the next one answered the viewers' checks. */
  readonly gapMs: number;
  readonly viewersKept: number;
  readonly viewersLost: number;
  /** UTC, when the thread ended. */
  readonly atMs: number;
}

export interface ChildRecord {
  readonly restarts: number;
  readonly lastEnd: ChildEnd | null;
  readonly lastHandOver: HandOverReport | null;
  /** UTC; null: it runs, or is not started again. */
  readonly nextTryAtMs: number | null;
}

/** How a thread stands, as of its last heartbeat. */
export interface Vitals {
  readonly usedBytes: number;
  /** 0: it has no limit. */
  readonly budgetBytes: number;
  /** How late its heartbeats came lately: how long its event loop stood still. */
  readonly lagMs: number;
  /** CPU time that it has taken so far; null where the kernel does not say. */
  readonly cpuMs: number | null;
}

export interface Child extends ChildRecord {
  readonly kind: ChildKind;
  readonly id: string;
  /** The local name of its stream; empty: it works for none. */
  readonly name: string;
  readonly state: ChildState;
  /** Null: it has no thread, or does not count. */
  readonly memory: Pick<Vitals, 'usedBytes' | 'budgetBytes'> | null;
  readonly loopLagMs: number | null;
  readonly cpuMs: number | null;
  /** Threads that work for it. */
  readonly children: readonly Child[];
}

export const emptyRecord: ChildRecord = { restarts: 0, lastEnd: null, lastHandOver: null, nextTryAtMs: null };

export type ChildIdentity = Pick<Child, 'kind' | 'id' | 'name' | 'state'>;

/** `vitals`: null where no thread runs. Field by field: 500 of these are made at once. */
export function describeChild(
  { kind, id, name, state }: ChildIdentity,
  vitals: Vitals | null,
  record: ChildRecord = emptyRecord,
  children: readonly Child[] = [],
): Child {
  const { restarts, lastEnd, lastHandOver, nextTryAtMs } = record;
  const memory = vitals === null ? null : { usedBytes: vitals.usedBytes, budgetBytes: vitals.budgetBytes };
  const loopLagMs = vitals?.lagMs ?? null;
  const cpuMs = vitals?.cpuMs ?? null;
  return { kind, id, name, state, restarts, lastEnd, lastHandOver, nextTryAtMs, memory, loopLagMs, cpuMs, children };
}
