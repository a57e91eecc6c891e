/** Types only: the whole of what `GET /api/supervision` shows. */
import type { Child, ChildKind } from './child.js';
import type { NetworkUse } from './network-use.js';
import type { ViewerRoom } from './viewer-room.js';
import type { EndedBy } from './watchdog.js';

/** The process as a whole. */
interface ProcessState {
  /** Resident, all threads together. */
  readonly memoryBytes: number;
  /** From here on the largest thread is ended. */
  readonly memoryCeilingBytes: number;
  /** Of the cores of the machine, 0 to 1. */
  readonly cpuShare: number;
  /** Of the machine, other programs included. */
  readonly network: NetworkUse;
  /** Of the main thread. */
  readonly loopLagMs: number;
  /** CPU time of the main thread so far; null where the kernel does not say. */
  readonly cpuMs: number | null;
  readonly room: ViewerRoom;
  /** Threads that cannot be ended. */
  readonly threadsStuck: number;
}

export interface ThreadEnds {
  readonly kind: ChildKind;
  readonly cause: EndedBy;
  readonly count: number;
}

export interface Supervision {
  readonly process: ProcessState;
  readonly children: readonly Child[];
  /** How many threads have ended since the start. */
  readonly ends: readonly ThreadEnds[];
  /** Viewers that were refused since the start because the server had reached its capacity: `joins`, `cpu`, `bandwidth`, `loopLag`, `thread`. */
  readonly refused: Readonly<Record<string, number>>;
}
