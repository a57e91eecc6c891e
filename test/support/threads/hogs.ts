/** Takes the machine away: processes that want a core each, and never sleep. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

const each = 2;

/** Two for each core; resolves when they run. The answer ends them, and so does the end of this process. */
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
