/** CPU load: processes that run without a pause. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

const each = 2;

/** Two per core; resolves when they run, with a function that ends them. They end with this process too. */
export async function startHogs(): Promise<() => void> {
  const children = Array.from({ length: each * availableParallelism() }, () =>
    spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  const end = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  process.once('exit', end);
  await Promise.all(children.map((child) => once(child, 'spawn')));
  return end;
}
