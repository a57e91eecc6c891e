/** The worker thread of the demo from start to end, watched like any other. */
import type { DemoBoot, DemoEvent, DemoOrder } from '../../actors/demo/contract.js';
import type { ChildState, Vitals } from '../core/supervise/child.js';
import type { EndedBy } from '../core/supervise/watchdog.js';
import type { Logger } from '../log-line.js';
import { createGuardian } from './guardian.js';
import { causeOf, startWatchedWorker } from './watched-worker.js';

export interface DemoThread {
  readonly state: ChildState;
  readonly vitals: Vitals;
  /** Asks it to end; after `stopMs` the guardian terminates it. */
  stop(): void;
  /** Resolves when the thread is gone. `error`: message of its uncaught exception; empty without one. */
  readonly ended: Promise<{ readonly cause: EndedBy; readonly exitCode: number; readonly error: string }>;
}

export interface DemoThreadOptions {
  /** The bundle of actors/demo/boot.ts. */
  readonly entry: URL;
  readonly boot: Omit<DemoBoot, 'beat'>;
  readonly hangMs: number;
  readonly stopMs: number;
  readonly memoryMb: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly onEvent: (event: DemoEvent) => void;
}

export type StartDemoThread = (options: DemoThreadOptions) => DemoThread;

export const startDemoThread: StartDemoThread = ({ entry, boot, memoryMb, onEvent, ...options }) => {
  const watched = startWatchedWorker<DemoBoot>({ entry, name: 'demo', boot, memoryMb });
  watched.worker.on('message', onEvent);
  // A demo thread that cannot be ended is left behind: it is no reason to restart the process.
  const guardian = createGuardian({ ...options, onEscalation: () => {}, memory: null });
  guardian.add(watched, 'demo');
  void watched.gone.then(guardian.close);
  return {
    get state() {
      return guardian.stateOf(watched.id);
    },
    get vitals() {
      return watched.vitals;
    },
    stop() {
      watched.worker.postMessage('stop' satisfies DemoOrder);
      watched.stopping();
    },
    ended: watched.ended.then((end) => ({ cause: causeOf(end), exitCode: end.exitCode, error: end.error })),
  };
};
