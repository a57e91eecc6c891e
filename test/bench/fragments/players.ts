/** Players in a process of their own: their work is not the server's. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export type PlayersOrder =
  | {
      readonly do: 'open';
      readonly kind: 'mse' | 'hls';
      readonly rest: string;
      readonly name: string;
      readonly count: number;
    }
  /** Counts again. */
  | { readonly do: 'measure' }
  | { readonly do: 'result' };

export interface PlayersResult {
  readonly bytes: number;
  /** That play no more. */
  readonly ended: number;
  /** Whose age was read. */
  readonly frames: number;
  /** From the source's send to the player's socket. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Players {
  measure(): void;
  result(): Promise<PlayersResult>;
  close(): Promise<void>;
}

export async function openPlayers(order: Omit<Extract<PlayersOrder, { readonly do: 'open' }>, 'do'>): Promise<Players> {
  const child: ChildProcess = fork(new URL('./players-process.js', import.meta.url));
  const say = (next: PlayersOrder): void => void child.send(next);
  const exited = once(child, 'exit');
  const answer = async (): Promise<PlayersResult> => {
    const [said] = await Promise.race([once(child, 'message'), exited]);
    return said;
  };
  const isOpen = answer();
  say({ do: 'open', ...order });
  await isOpen;
  return {
    measure: () => say({ do: 'measure' }),
    result() {
      const said = answer();
      say({ do: 'result' });
      return said;
    },
    async close() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
