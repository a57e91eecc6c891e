/** A child process with its heartbeat, as the guardian watches and ends it: SIGKILL ends it wherever it is. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { FromSideProcess } from '../../actors/contract.js';
import { monotonicMs } from '../clock.js';
import type { Vitals } from '../core/supervise/child.js';
import type { EndCause } from '../core/supervise/watchdog.js';
import type { GuardedThread } from './guardian.js';
import { readProcessCpuMs, readThreadTime } from './thread-time.js';

interface ProcessEnd {
  /** -1: it was ended by a signal, or could not be started. */
  readonly exitCode: number;
  /** The signal, or why it could not be started; empty without one. */
  readonly error: string;
  readonly condemnedBy: EndCause | null;
}

interface WatchedProcess extends GuardedThread {
  /** Resolves when it is gone. */
  readonly gone: Promise<ProcessEnd>;
  /** Resolves when it says so. */
  readonly listening: Promise<void>;
  /** Of its own memory, which is none of this process's. */
  ownVitals(): Vitals;
  send(message: object): void;
  /** It was asked to stop: its time for that runs from now on. */
  stopping(): void;
  /** Closes the channel to it, at which it ends by itself. */
  dismiss(): void;
}

interface WatchedProcessOptions {
  /** A script (.cjs) of the bundle. */
  readonly entry: URL;
  /** What it may hold, native memory included; 0: no limit. */
  readonly memoryMb: number;
}

const noExitCode = -1;
const mib = 1_048_576;
/**
 * A main thread that comes so late to a look may have messages of the process waiting that it has not read yet: then nothing is
 * known of it.
 */
const blindMs = 500;

/** It gets none of this process's environment but what the loader of shared libraries needs: there may be secrets in it. */
const environment = (): NodeJS.ProcessEnv => {
  const { LD_LIBRARY_PATH } = process.env;
  return LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH };
};

export function startWatchedProcess({ entry, memoryMb }: WatchedProcessOptions): WatchedProcess {
  const child: ChildProcess = fork(fileURLToPath(entry), [], {
    execArgv: [],
    env: environment(),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const id = randomUUID();
  const budgetBytes = memoryMb * mib;
  let beats = 0;
  let usedBytes = 0;
  let lagMs = 0;
  let isStopping = false;
  let condemnedBy: EndCause | null = null;
  let lookedAtMs = monotonicMs();
  let listens = (): void => {};
  const listening = new Promise<void>((resolve) => {
    listens = resolve;
  });
  child.on('message', (message: FromSideProcess) => {
    beats += 1;
    if (message === 'listening') {
      listens();
      return;
    }
    ({ usedBytes, lagMs } = message);
    if (budgetBytes === 0 || usedBytes <= budgetBytes) return;
    condemnedBy = 'memory';
    child.kill('SIGKILL');
  });
  const gone = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ exitCode: noExitCode, error: error.message, condemnedBy });
    });
    child.once('exit', (code, signal) => resolve({ exitCode: code ?? noExitCode, error: signal ?? '', condemnedBy }));
  });
  return {
    id,
    gone,
    listening,
    // Its end would give this process no memory back.
    held: { usedBytes: 0, budgetBytes: 0 },
    ownVitals: () => ({ usedBytes, budgetBytes, lagMs, cpuMs: readProcessCpuMs(child.pid ?? 0) }),
    send(message) {
      // A process that is gone already is told nothing.
      if (child.connected) child.send(message, () => {});
    },
    stopping() {
      isStopping = true;
    },
    dismiss() {
      isStopping = true;
      if (child.connected) child.disconnect();
    },
    sample(wantsTime) {
      const { pid } = child;
      const nowMs = monotonicMs();
      if (beats > 0 && nowMs - lookedAtMs > blindMs) beats += 1;
      lookedAtMs = nowMs;
      const time = pid !== undefined && wantsTime(beats, isStopping) ? readThreadTime(pid, -1, pid) : null;
      return { id, beat: beats, isStopping, isLeaving: false, inNative: false, isLoading: false, time };
    },
    condemn(cause) {
      condemnedBy = cause;
    },
    terminate() {
      child.kill('SIGKILL');
      return true;
    },
    abandon() {},
  };
}
