/**
 * When the server is started again: its parent treats it as Erlang/OTP treats a `transient` child. A crash is followed by a new
 * start with back-off, an end in order by none, and a crash loop by none either: the parent gives up and says so.
 */
import { constants } from 'node:os';
import { decideRestart, neverRestarted } from '../core/supervise/policy.js';

/** How a process ended: by its exit code, or by a signal. */
export interface ProcessEnd {
  /** Null: by `signal`. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  kill(signal: NodeJS.Signals): void;
}

/** What the server tells its parent: it is up. */
export interface UpMessage {
  /** The file that the wanted streams are kept in; empty: none. */
  readonly stateFile: string;
}

export interface StartedServer {
  readonly onUp: (message: UpMessage) => void;
  /** Called once; a process that could not be started ends with code 1. */
  readonly onEnd: (end: ProcessEnd) => void;
}

interface RespawnOptions {
  readonly start: (server: StartedServer) => ServerProcess;
  /** Ends the parent itself. */
  readonly exit: (code: number) => void;
  /** For people, on stderr. */
  readonly say: (text: string) => void;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Gives what cancels it. */
  readonly schedule: (run: () => void, afterMs: number) => () => void;
}

export interface Respawn {
  /** The first start; once. */
  begin(): void;
  /** Passes it on; the server is not started again after it. */
  onEndingSignal(signal: NodeJS.Signals): void;
  /** Who started the parent is gone: ends, unless that is under way. Another signal would end the server at once. */
  onOrphaned(): void;
  /** Passes it on. */
  onSignal(signal: NodeJS.Signals): void;
}

/** More crashes than this within the window are a loop. */
const maxRestarts = 5;
const restartWindowMs = 60_000;
/** The server kills itself 9.5 s after the first signal, and 1 s after a second one: this is for one that cannot. */
const endMs = 11_000;
const endAtOnceMs = 1800;
/** The server takes the same signal within this time for one: npm and a terminal each pass on a Ctrl-C. */
const sameSignalMs = 1000;

export function createRespawn({ start, exit, say, nowMs, random, schedule }: RespawnOptions): Respawn {
  let server: ServerProcess | null = null;
  let stateFile = '';
  let hasBeenUp = false;
  let history = neverRestarted;
  let cancelStart = (): void => {};
  let cancelKill = (): void => {};
  let signalledAtMs: number | null = null;

  const killAfter = (afterMs: number): void => {
    cancelKill();
    cancelKill = schedule(() => server?.kill('SIGKILL'), afterMs);
  };

  const startAgain = (end: ProcessEnd): void => {
    const limits = { maxRestarts, restartWindowMs, probeMs: restartWindowMs };
    const decided = decideRestart(history, 'abnormal', nowMs(), random(), limits);
    history = decided.history;
    if (decided.decision.kind !== 'restart') {
      say(loopText(end, stateFile));
      exit(exitCodeOf(end));
      return;
    }
    const { afterMs } = decided.decision;
    const when = afterMs === 0 ? 'at once' : `in ${(afterMs / 1000).toFixed(1)} s`;
    say(`Sluice ended unexpectedly (${wordsOf(end)}); it is started again ${when}.`);
    cancelStart = schedule(startServer, afterMs);
  };

  const onEnd = (end: ProcessEnd): void => {
    server = null;
    cancelKill();
    const isFinal = signalledAtMs !== null || end.code === 0 || (!hasBeenUp && end.code !== null);
    if (isFinal) exit(exitCodeOf(end));
    else startAgain(end);
  };

  const startServer = (): void => {
    server = start({
      onUp(message) {
        hasBeenUp = true;
        stateFile = message.stateFile;
      },
      onEnd,
    });
  };

  const onEndingSignal = (signal: NodeJS.Signals): void => {
    cancelStart();
    if (server === null) {
      exit(0);
      return;
    }
    const isSecond = signalledAtMs !== null && nowMs() - signalledAtMs >= sameSignalMs;
    if (signalledAtMs === null || isSecond) killAfter(isSecond ? endAtOnceMs : endMs);
    signalledAtMs ??= nowMs();
    server.kill(signal);
  };

  return {
    begin: startServer,
    onEndingSignal,
    onOrphaned() {
      if (signalledAtMs === null) onEndingSignal('SIGTERM');
    },
    onSignal: (signal) => server?.kill(signal),
  };
}

const wordsOf = ({ code, signal }: ProcessEnd): string => (signal === null ? `exit code ${code}` : signal);

/** As a shell tells it: 128 and the number of the signal. */
const exitCodeOf = ({ code, signal }: ProcessEnd): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal]);

function loopText(end: ProcessEnd, stateFile: string): string {
  const wayOut =
    stateFile === ''
      ? ''
      : ` If one of its streams is the cause: it starts without them when ${stateFile} is moved away.`;
  return `Sluice has crashed more than ${maxRestarts} times within ${restartWindowMs / 1000} s (last: ${wordsOf(end)}) and is not started again. Its log says why.${wayOut}`;
}
