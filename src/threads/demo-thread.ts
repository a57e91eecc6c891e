/** The demo's worker thread from its birth to its end. It is ended from outside as the watchdog decides, like any other. */
import type { DemoBoot, DemoEvent, DemoOrder } from '../../actors/demo/contract.js';
import type { Logger } from '../log-line.js';
import { createGuardian } from './guardian.js';
import { startWatchedWorker } from './watched-worker.js';

export interface DemoThread {
  /** Asks it to end; after `stopMs` of its own time it is ended. */
  stop(): void;
  /** Resolves when the thread is gone, with what its uncaught exception said; empty without one. */
  readonly ended: Promise<{ readonly exitCode: number; readonly error: string }>;
}

export interface DemoThreadOptions {
  /** The bundle of actors/demo/boot.ts. */
  readonly entry: URL;
  readonly boot: Omit<DemoBoot, 'beat'>;
  readonly hangMs: number;
  readonly stopMs: number;
  readonly maxHeapMb: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly onEvent: (event: DemoEvent) => void;
}

export type StartDemoThread = (options: DemoThreadOptions) => DemoThread;

export const startDemoThread: StartDemoThread = ({ entry, boot, maxHeapMb, onEvent, ...options }) => {
  const watched = startWatchedWorker<DemoBoot>({ entry, name: 'demo', boot, maxHeapMb });
  watched.worker.on('message', onEvent);
  // A thread that nothing ends stays behind: for the demo the process, and its viewers, are not given up.
  const guardian = createGuardian({ ...options, onEscalation: () => {} });
  guardian.add(watched, 'demo');
  void watched.gone.then(guardian.close);
  return {
    stop() {
      watched.worker.postMessage('stop' satisfies DemoOrder);
      watched.stopping();
    },
    ended: watched.ended,
  };
};
