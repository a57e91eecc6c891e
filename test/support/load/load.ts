/** Hundreds of viewers with real ICE, DTLS and SRTP in processes of their own, which cost so little that the server has the machine. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mergeHistograms } from './histogram.js';
import type { LoadCounts } from './native-load.js';

export interface LoadOptions {
  readonly processes: number;
  /** False: the kernel cuts what came as one into datagrams again before it is read, as for a browser. */
  readonly usesGro: boolean;
  /** One packet in so many is opened, beside the first frame's and the last of each frame; 1: all. */
  readonly openEvery: number;
}

/** How a viewer goes: DELETE of its WHEP resource, close_notify, or silently. */
export type Leaving = 'delete' | 'closeNotify' | 'vanish';

export interface JoinedViewer {
  readonly endpoint: string;
  /** For `leave`; null for one that got no answer. */
  readonly viewer: ViewerName | null;
  /** Why it does not play; null: it does. */
  readonly error: string | null;
  /** From the POST of the offer to the answer, the answered ICE check, DTLS, and the whole keyframe in the socket. */
  readonly answeredMs: number;
  readonly checkedMs: number;
  readonly connectedMs: number;
  readonly keyframeMs: number;
}

export interface ViewerName {
  readonly process: number;
  readonly number: number;
}

/** Sums over all processes since `measure`. */
export interface LoadResult extends LoadCounts {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export type LoadOrder =
  | { readonly kind: 'join'; readonly endpoints: readonly string[]; readonly afterMs: readonly number[] }
  | { readonly kind: 'leave'; readonly numbers: readonly number[]; readonly leaving: Leaving }
  | { readonly kind: 'measure' }
  | { readonly kind: 'result' };

/** What a process answers to an order. */
export interface LoadAnswer {
  readonly order: number;
  readonly joined: readonly (Omit<JoinedViewer, 'viewer'> & { readonly number: number | null })[];
  readonly result: LoadResult | null;
}

export interface Load {
  /** One viewer for each WHEP endpoint, evenly spread over the time; resolves when it is known of each what became of it. */
  join(endpoints: readonly string[], spreadMs: number): Promise<readonly JoinedViewer[]>;
  leave(viewers: readonly ViewerName[], leaving: Leaving): Promise<void>;
  /** Counts again. */
  measure(): Promise<void>;
  result(): Promise<LoadResult>;
  /** All are gone at once, silently. */
  end(): Promise<void>;
}

function openProcess(options: LoadOptions, under: readonly string[]) {
  const [execPath = process.execPath, ...execArgv] = [...under, process.execPath];
  const program = new URL('./load-process.js', import.meta.url);
  const child: ChildProcess = fork(program, [JSON.stringify(options)], {
    serialization: 'advanced',
    execPath,
    execArgv,
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error('a process of the load client ended')));
  ended.catch(() => {});
  const waiting = new Map<number, (answer: LoadAnswer) => void>();
  child.on('message', (answer: LoadAnswer) => {
    waiting.get(answer.order)?.(answer);
    waiting.delete(answer.order);
  });
  let orders = 0;
  return {
    ask(order: LoadOrder): Promise<LoadAnswer> {
      orders += 1;
      const answer: Promise<LoadAnswer> = new Promise((resolve) => waiting.set(orders, resolve));
      child.send({ ...order, order: orders });
      return Promise.race([answer, ended]);
    },
    async end(): Promise<void> {
      process.off('exit', kill);
      kill();
      await exited;
    },
  };
}

function sumOf(results: readonly LoadResult[]): LoadResult {
  const sum = (of: (one: LoadResult) => number): number => results.reduce((total, one) => total + of(one), 0);
  const merged = (of: (one: LoadResult) => Uint32Array): Uint32Array => mergeHistograms(results.map(of));
  return {
    wallMs: Math.max(...results.map(({ wallMs }) => wallMs)),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    viewers: sum(({ viewers }) => viewers),
    playing: sum(({ playing }) => playing),
    ended: sum(({ ended }) => ended),
    silent: sum(({ silent }) => silent),
    dropped: sum(({ dropped }) => dropped),
    packets: sum(({ packets }) => packets),
    bytes: sum(({ bytes }) => bytes),
    lost: sum(({ lost }) => lost),
    repeated: sum(({ repeated }) => repeated),
    opened: sum(({ opened }) => opened),
    unauthentic: sum(({ unauthentic }) => unauthentic),
    others: sum(({ others }) => others),
    frames: sum(({ frames }) => frames),
    framesMissed: sum(({ framesMissed }) => framesMissed),
    reportsSent: sum(({ reportsSent }) => reportsSent),
    checksSent: sum(({ checksSent }) => checksSent),
    senderReports: sum(({ senderReports }) => senderReports),
    delay: merged(({ delay }) => delay),
    delayBetweenKeys: merged(({ delayBetweenKeys }) => delayBetweenKeys),
    lag: merged(({ lag }) => lag),
  };
}

/** `under`: what starts its processes, with its arguments. */
export function startLoad(options: LoadOptions, under: readonly string[] = []): Load {
  const processes = Array.from({ length: options.processes }, () => openProcess(options, under));
  const askAll = (order: LoadOrder): Promise<readonly LoadAnswer[]> =>
    Promise.all(processes.map(({ ask }) => ask(order)));
  return {
    async join(endpoints, spreadMs) {
      const apartMs = spreadMs / Math.max(1, endpoints.length);
      const answers = processes.map(async ({ ask }, at) => {
        const isMine = (n: number): boolean => n % processes.length === at;
        const mine = endpoints.filter((_, n) => isMine(n));
        const afterMs = endpoints.map((_, n) => n * apartMs).filter((_, n) => isMine(n));
        const { joined } = await ask({ kind: 'join', endpoints: mine, afterMs });
        return joined.map(({ number, ...one }) => {
          const viewer = number === null ? null : { process: at, number };
          return { ...one, viewer };
        });
      });
      return (await Promise.all(answers)).flat();
    },
    async leave(viewers, leaving) {
      const asked = processes.map(({ ask }, at) => {
        const numbers = viewers.filter((one) => one.process === at).map(({ number }) => number);
        return numbers.length === 0 ? null : ask({ kind: 'leave', numbers, leaving });
      });
      await Promise.all(asked);
    },
    async measure() {
      await askAll({ kind: 'measure' });
    },
    async result() {
      return sumOf((await askAll({ kind: 'result' })).flatMap(({ result }) => result ?? []));
    },
    async end() {
      await Promise.all(processes.map((one) => one.end()));
    },
  };
}
