/** A stranger that sends datagrams at a steady rate, in a process of its own, and counts what comes back. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface FloodOptions {
  readonly port: number;
  readonly perSecond: number;
}

export interface Flooded {
  readonly sent: number;
  /** That the server answered. */
  readonly heardBytes: number;
}

export interface Flood {
  /** What it sends from now on, one after the other, over and over. */
  aim(datagrams: readonly Buffer[]): void;
  end(): Promise<Flooded>;
}

export function startFlood(options: FloodOptions): Flood {
  const child = fork(new URL('./flood-process.js', import.meta.url), [JSON.stringify(options)], {
    serialization: 'advanced',
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    aim: (datagrams) => void child.send(datagrams),
    async end() {
      const answer = once(child, 'message');
      child.send('end');
      const [flooded] = await answer;
      process.off('exit', kill);
      kill();
      await once(child, 'exit');
      return flooded;
    },
  };
}
