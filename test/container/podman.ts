/** Containers of the image that test/container.mjs builds. */
import { type ExecFileException, execFile } from 'node:child_process';
import { until } from '../support/until.js';

export interface Said {
  readonly code: number;
  readonly text: string;
}

const maxOutputBytes = 16_777_216;
/** The hub (support/network/hosts.ts) has a /sys without control groups: of it the network alone is wanted. */
const outside = ['nsenter', `--mount=/proc/${process.ppid}/ns/mnt`, `--wd=${process.cwd()}`];

/** Of podman or a program like it; never fails. */
export function ask(command: string, ...args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const options = { maxBuffer: maxOutputBytes, env: { ...process.env, GRAFANA_PASSWORD: 'of-the-test' } };
    const [program = '', ...words] = [...outside, command, ...args];
    execFile(program, words, options, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}`.trim() }),
    );
  });
}

/** Fails with what it said. */
export async function must(command: string, ...args: readonly string[]): Promise<string> {
  const { code, text } = await ask(command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${text}`);
  return text;
}

export interface Container {
  readonly name: string;
  /** In it, as its user. */
  run(...words: readonly string[]): Promise<Said>;
  /** By its own health check. */
  whenHealthy(): Promise<void>;
  /** Asks it to end as an engine does; gives its exit code, and how long that took. */
  stop(): Promise<{ readonly exitCode: number; readonly tookMs: number }>;
  start(): Promise<void>;
  /** SIGKILL to the one process of it that has these words in its command line. */
  kill(words: string): Promise<void>;
  log(): Promise<string>;
}

export function containerOf(name: string): Container {
  return {
    name,
    run: (...words) => ask('podman', 'exec', name, ...words),
    async whenHealthy() {
      const isHealthy = async (): Promise<boolean> => (await ask('podman', 'healthcheck', 'run', name)).code === 0;
      await until(`${name} is healthy`, isHealthy, 30_000).catch(async (error: unknown) => {
        throw new Error(`${error}\n${(await ask('podman', 'logs', name)).text}`);
      });
    },
    async stop() {
      const sinceMs = performance.now();
      await must('podman', 'stop', '--time', '12', name);
      const tookMs = performance.now() - sinceMs;
      return { exitCode: Number(await must('podman', 'inspect', '--format', '{{.State.ExitCode}}', name)), tookMs };
    },
    start: async () => void (await must('podman', 'start', name)),
    async kill(words) {
      // By their numbers outside of the container.
      const lines = (await must('podman', 'top', name, 'hpid', 'args'))
        .split('\n')
        .filter((line) => line.includes(words));
      if (lines.length !== 1) throw new Error(`not one process has ${words}: ${lines.join('; ')}`);
      process.kill(Number.parseInt(lines[0] ?? '', 10), 'SIGKILL');
    },
    log: async () => (await ask('podman', 'logs', name)).text,
  };
}

/** `options`: of `podman run`. */
export async function runContainer(name: string, ...options: readonly string[]): Promise<Container> {
  await ask('podman', 'rm', '--force', '--volumes', name);
  await must('podman', 'run', '--detach', '--name', name, ...options, 'localhost/sluice');
  return containerOf(name);
}
