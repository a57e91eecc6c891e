/** Many viewers without browsers (ICE, DTLS, SRTP) in a process of their own, so that they take no time from the test's. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export type CrowdOrder =
  | { readonly kind: 'join'; readonly endpoints: readonly string[]; readonly spreadMs: number }
  | { readonly kind: 'watch'; readonly forMs: number }
  | { readonly kind: 'leave' }
  | { readonly kind: 'disturb' };

export interface Joined {
  readonly endpoint: string;
  /** Why it does not play; null: it does. */
  readonly error: string | null;
  /** From the POST to the first packets of the video, one after the other. */
  readonly tookMs: number;
}

/** What the process answers to an order that asks for one. */
export type CrowdAnswer =
  | { readonly kind: 'joined'; readonly joined: readonly Joined[] }
  | { readonly kind: 'watched'; readonly datagrams: readonly number[] }
  | { readonly kind: 'left' };

export interface Crowd {
  /** One viewer for each WHEP endpoint, evenly spread over the time; resolves when it is known of each what became of it. */
  join(endpoints: readonly string[], spreadMs: number): Promise<readonly Joined[]>;
  /** How many datagrams of media each of those who joined gets meanwhile. */
  watch(forMs: number): Promise<readonly number[]>;
  /** From now on each sends datagrams at a rate that feedback never has. */
  disturb(): void;
  /** All end their sessions. */
  leave(): Promise<void>;
  /** All are gone at once, silently. */
  end(): void;
}

const running = new Set<() => void>();
process.on('exit', () => {
  for (const end of running) end();
});

export function startCrowd(): Crowd {
  const child = fork(new URL('./crowd-process.js', import.meta.url));
  const end = (): void => {
    running.delete(end);
    child.kill('SIGKILL');
  };
  running.add(end);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the crowd ended')));
  ended.catch(() => {});
  const tell = (order: CrowdOrder): void => void child.send(order);
  /** One order at a time: the next answer is to this one. */
  const ask = async (order: CrowdOrder): Promise<CrowdAnswer> => {
    const answered: Promise<CrowdAnswer> = new Promise((resolve) => child.once('message', resolve));
    tell(order);
    return Promise.race([answered, ended]);
  };
  return {
    async join(endpoints, spreadMs) {
      const answer = await ask({ kind: 'join', endpoints, spreadMs });
      return answer.kind === 'joined' ? answer.joined : [];
    },
    async watch(forMs) {
      const answer = await ask({ kind: 'watch', forMs });
      return answer.kind === 'watched' ? answer.datagrams : [];
    },
    async leave() {
      await ask({ kind: 'leave' });
    },
    disturb: () => tell({ kind: 'disturb' }),
    end,
  };
}
