/** Asks for one path again and again over connections that stay, from a process of its own, so that the server has its core for itself. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  /** On each the next request goes out when the last one is answered. */
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly bodyBytes: number;
}

export async function load(options: LoadOptions): Promise<LoadResult> {
  const child = fork(new URL('./load-process.js', import.meta.url), [JSON.stringify(options)], {
    serialization: 'advanced',
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the load ended with ${code}`)));
  const [result] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  process.off('exit', kill);
  return result;
}
