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

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: 'pipe' | 'ignore';
}

export async function startChild(command: string, args: readonly string[], options: ChildOptions = {}): Promise<Child> {
  const child = spawn(command, [...args], {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  await once(child, 'spawn');
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) throw new Error(`${command} did not start`);
  running.add(child);
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
      running.delete(child);
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
      if (!running.has(child)) return exited;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 12_000);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
