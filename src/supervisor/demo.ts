/** The demo source: starts its thread, and restarts it by the restart policy of streams. */
import type { DemoEvent } from '../../actors/demo/contract.js';
import { monotonicMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import { withoutHostPaths } from '../core/guard/host-paths.js';
import { type Child, type ChildEnd, type ChildState, describeChild } from '../core/supervise/child.js';
import { decideRestart, neverRestarted } from '../core/supervise/policy.js';
import type { Logger } from '../log-line.js';
import { type DemoThread, type StartDemoThread, startDemoThread } from '../threads/demo-thread.js';

export interface Demo {
  /** For any RTMP player; the same after a restart. */
  readonly uri: string;
  /** Resolves when its thread is gone. */
  stop(): Promise<void>;
}

interface DemoOptions {
  readonly settings: Pick<Settings, 'demo' | 'supervisor'>;
  /** The bundle of actors/demo/boot.ts. */
  readonly entry: URL;
  readonly log: Logger;
  /** Is given the demo as a child of the supervisor, once. */
  readonly register: (child: () => Child) => void;
  /** Replace a real thread and real clocks in tests. */
  readonly startThread?: StartDemoThread;
  readonly nowMs?: () => number;
  readonly random?: () => number;
  readonly schedule?: (run: () => void, afterMs: number) => () => void;
}

/** Resolves with null when the demo cannot run on this machine, which is logged. */
export function startDemo(options: DemoOptions): Promise<Demo | null> {
  const { settings, entry, log, startThread = startDemoThread, random = Math.random, schedule = setTimer } = options;
  const { supervisor } = settings;
  const { width, height, fps } = settings.demo;
  const nowMs = options.nowMs ?? monotonicMs;
  let history = neverRestarted;
  let port: number | null = null;
  let thread: DemoThread | null = null;
  let isStopping = false;
  let cancelRestart = (): void => {};
  let lastEnd: ChildEnd | null = null;
  let next: { readonly state: ChildState; readonly atMs: number } | null = null;
  let restarts = 0;
  options.register(() => {
    const state = thread?.state ?? next?.state ?? 'ended';
    const record = { restarts, lastEnd, lastHandOver: null, nextTryAtMs: next?.atMs ?? null };
    const { name } = settings.demo;
    return describeChild({ kind: 'demo', id: 'demo', name, state }, thread?.vitals ?? null, record);
  });

  return new Promise((resolve) => {
    const demo = (uri: string): Demo => ({
      uri,
      async stop() {
        isStopping = true;
        cancelRestart();
        thread?.stop();
        await thread?.ended;
      },
    });

    const onEvent = (event: DemoEvent): void => {
      if (event.kind === 'failed') {
        log('warn', 'demo.failed', { reason: event.code, detail: event.detail });
        return;
      }
      log('info', 'demo.up', { port: event.port });
      port = event.port;
      resolve(demo(`rtmp://127.0.0.1:${port}/live/demo`));
    };

    const onEnd = ({ cause, exitCode, error }: Awaited<DemoThread['ended']>): void => {
      thread = null;
      if (isStopping) return;
      lastEnd = { cause, error: withoutHostPaths(error), atMs: Date.now() };
      if (port === null) {
        log('warn', 'demo.unavailable', { exitCode, error });
        resolve(null);
        return;
      }
      const decided = decideRestart(history, 'abnormal', nowMs(), random(), supervisor);
      history = decided.history;
      if (decided.decision.kind === 'end') return;
      const afterMs = decided.decision.kind === 'restart' ? decided.decision.afterMs : decided.decision.probeAfterMs;
      log('error', 'demo.ended', { exitCode, error, restartsAfterMs: Math.round(afterMs) });
      next = { state: decided.decision.kind === 'failed' ? 'failed' : 'restarting', atMs: Date.now() + afterMs };
      cancelRestart = schedule(restart, afterMs);
    };

    const restart = (): void => {
      restarts += 1;
      next = null;
      start();
    };

    const start = (): void => {
      // The same port after a restart: the pull of the demo dials it again.
      const boot = { port: port ?? settings.demo.port, width, height, fps };
      const { hangMs, stopTimeoutMs: stopMs, threadMemoryMb: memoryMb } = supervisor;
      thread = startThread({ entry, boot, hangMs, stopMs, memoryMb, nowMs, log, onEvent });
      void thread.ended.then(onEnd);
    };
    start();
  });
}

function setTimer(run: () => void, afterMs: number): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}
