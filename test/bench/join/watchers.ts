/** Viewers that watch, in a process of their own, which takes all that comes and looks at none of it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Resolves when all of them have joined; the answer ends them. */
export async function startWatchers(endpoint: string, count: number): Promise<() => void> {
  const child = fork(new URL('./watchers-process.js', import.meta.url), [endpoint, String(count)]);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the watchers ended')));
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return kill;
}
