/** A source in a process of its own that never keeps anybody waiting: each player gets a keyframe at once, then one now and then. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Origin {
  /** An address of its own for each name. */
  url(name: string): string;
  readonly port: number;
  stop(): Promise<void>;
}

/** `frameMs`: from one frame of each player to the next. */
export async function startOrigin(frameMs: number): Promise<Origin> {
  const child: ChildProcess = fork(new URL('./origin-process.js', import.meta.url), [String(frameMs)]);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const [port] = await once(child, 'message');
  return {
    port: Number(port),
    url: (name) => `rtmp://127.0.0.1:${port}/live/${name}`,
    async stop() {
      process.off('exit', kill);
      child.kill();
      await once(child, 'exit');
    },
  };
}
