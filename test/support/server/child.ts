import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A real program that a test started. It ends with the test, or at the latest with the test's process. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Every line of stdout and stderr so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, past or to come, that the predicate takes. */
  line(what: string, isWanted: (line: string) => boolean, timeoutMs?: number): Promise<string>;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Sends the signal, then SIGKILL after 12 s; resolves when the program is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

type SendSignal = (signal: NodeJS.Signals) => void;

const running = new Set<SendSignal>();
process.on('exit', () => {
  for (const send of running) send('SIGKILL');
});

/** To the leader of a group and all whom it started; to nobody when they are gone. */
function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: 'pipe' | 'ignore';
  /** True: it leads a group of its own, as under a terminal; `stop` and the end of the test's process mean all of the group. */
  readonly leadsGroup?: boolean;
}

export async function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Promise<Child> {
  const child = spawn(command, [...args], {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    detached: options.leadsGroup ?? false,
  });
  await once(child, 'spawn');
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) throw new Error(`${command} did not start`);
  const send: SendSignal =
    options.leadsGroup === true ? (signal) => signalGroup(pid, signal) : (signal) => child.kill(signal);
  running.add(send);
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [stdout, stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const exited = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(send);
      resolve(code ?? signal ?? 'unknown');
    });
  });

  const line = (what: string, isWanted: (line: string) => boolean, timeoutMs = 15_000): Promise<string> => {
    const past = lines.find(isWanted);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        settle();
        reject(new Error(`${command}: ${what}: ${why}; its last lines:\n${lines.slice(-20).join('\n')}`));
      };
      const timer = setTimeout(() => fail(`not seen in ${timeoutMs} ms`), timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        listeners.delete(listener);
      };
      const listener = (next: string): void => {
        if (!isWanted(next)) return;
        settle();
        resolve(next);
      };
      listeners.add(listener);
      void exited.then((code) => fail(`it ended with ${code}`));
    });
  };

  return {
    pid,
    process: child,
    lines,
    line,
    exited,
    async stop(signal = 'SIGTERM') {
      if (!running.has(send)) return exited;
      send(signal);
      const timer = setTimeout(() => send('SIGKILL'), 12_000);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
