/** A stream at its own pace: a source (this thread), the actor's thread, and a process of viewers. */
import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { makeCertificate } from '../../support/viewer/media-client.js';
import { audioIntervalMs, framesPerSecond, packetsPerFrame, packetsPerKeyframe } from './load.js';
import type {
  ActorData,
  ActorResult,
  FromActor,
  FromViewers,
  ToActor,
  ToViewers,
  ViewersResult,
} from './stage-messages.js';

export interface StageOptions {
  readonly fanout: 'native' | 'js';
  readonly viewers: number;
  /** So many of them are read and checked. */
  readonly readers: number;
  /** Every so manieth frame is a keyframe of 100 kB; 0: none. */
  readonly keyEvery: number;
  /** False: what another thread would need to go on with its viewers is kept nowhere. */
  readonly keepsSessions?: boolean;
}

export interface Joined {
  readonly wallMs: number;
  readonly actorCpuMs: number;
  readonly clientCpuMs: number;
  readonly memoryBytes: number;
}

export interface Stage {
  readonly joined: Joined;
  /** More viewers, in a process of their own, one by one over so long a time. None of them is read when all joined. */
  join(viewers: number, overMs: number): Promise<Joined>;
  /** Sends for so long, then tells what the actor's thread and the viewers counted. */
  run(seconds: number): Promise<{ readonly actor: ActorResult; readonly viewers: ViewersResult }>;
  close(): Promise<void>;
}

/** Awaits a message of a kind; asked for before whatever makes it come. */
type Next<T> = <K extends string>(kind: K) => Promise<Extract<T, { readonly kind: K }>>;

const certificate = await makeCertificate();
const settleMs = 500;
/** Below the ports that the kernel gives away: two sockets that may share a port could be given the same one. */
const firstViewerPort = 16_000;
/** Code is compiled by then, on both sides. */
const warmUpSeconds = 2;

const isOf = <T extends { readonly kind: string }, K extends string>(
  message: T,
  kind: K,
): message is Extract<T, { readonly kind: K }> => message.kind === kind;

function nextOf<T extends { readonly kind: string }>(subscribe: (take: (message: T) => void) => void): Next<T> {
  const waiting = new Map<string, (message: T) => void>();
  subscribe((message) => waiting.get(message.kind)?.(message));
  return (kind) =>
    new Promise((resolve) => {
      waiting.set(kind, (message) => {
        if (isOf(message, kind)) resolve(message);
      });
    });
}

/** Video and audio when they are due; the source has them when they are posted. */
function createSource(actor: (message: ToActor) => void, keyEvery: number): { play(seconds: number): Promise<void> } {
  let [frame, audio] = [0, 0];
  const frameDueMs = (): number => (frame * 1000) / framesPerSecond;
  const audioDueMs = (): number => audio * audioIntervalMs;
  return {
    async play(seconds) {
      const startMs = performance.now() - Math.min(frameDueMs(), audioDueMs());
      const endMs = performance.now() + seconds * 1000;
      while (performance.now() < endMs) {
        const nowMs = performance.now() - startMs;
        for (; frameDueMs() <= nowMs; frame += 1) {
          const packets = keyEvery > 0 && (frame + 1) % keyEvery === 0 ? packetsPerKeyframe : packetsPerFrame;
          actor({ kind: 'video', atNs: process.hrtime.bigint(), frame: frame + 1, packets });
        }
        for (; audioDueMs() <= nowMs; audio += 1) {
          actor({ kind: 'audio', atNs: process.hrtime.bigint(), count: audio });
        }
        await delay(Math.max(1, Math.min(frameDueMs(), audioDueMs()) - (performance.now() - startMs)));
      }
    },
  };
}

interface Viewers {
  readonly fingerprint: string;
  readonly next: Next<FromViewers>;
  send(message: ToViewers): void;
  kill(): void;
}

async function startViewers(): Promise<Viewers> {
  const child = fork(new URL('./stage-viewers.js', import.meta.url), { serialization: 'advanced' });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  child.once('exit', (code) => {
    process.off('exit', kill);
    if (code !== null) throw new Error(`the viewers ended with ${code}`);
  });
  const next = nextOf<FromViewers>((take) => child.on('message', take));
  const { fingerprint } = await next('ready');
  return { fingerprint, next, send: (message) => void child.send(message), kill };
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { fanout, viewers, readers, keyEvery, keepsSessions = true } = options;
  const workerData: ActorData = { fanout, certificate, keepsSessions };
  const thread = new Worker(new URL('./stage-actor.js', import.meta.url), { workerData });
  const fromActor = nextOf<FromActor>((take) => thread.on('message', take));
  const toActor = (message: ToActor): void => thread.postMessage(message);
  const usage = (): ReturnType<typeof fromActor<'usage'>> => {
    const told = fromActor('usage');
    toActor({ kind: 'usage' });
    return told;
  };
  const processes: Viewers[] = [];

  const join = async (count: number, readers: number, overMs: number): Promise<Joined> => {
    const group = await startViewers();
    const before = await usage();
    const admitted = fromActor('admitted');
    toActor({ kind: 'admit', count, fingerprint: group.fingerprint });
    const { port, guests } = await admitted;
    const joined = group.next('joined');
    const firstPort = firstViewerPort + processes.length * 2000;
    processes.push(group);
    group.send({ kind: 'join', port, guests, readers, overMs, firstPort, keyEvery });
    const { wallMs, cpuMs: clientCpuMs } = await joined;
    const after = await usage();
    return {
      wallMs,
      clientCpuMs,
      actorCpuMs: after.cpuMs - before.cpuMs,
      memoryBytes: after.rssBytes - before.rssBytes,
    };
  };

  const joined = await join(viewers, readers, 0);
  const [watchers] = processes;
  if (watchers === undefined) throw new Error('nobody watches');
  const source = createSource(toActor, keyEvery);
  const released = watchers.next('released');
  toActor({ kind: 'video', atNs: process.hrtime.bigint(), frame: 0, packets: packetsPerFrame });
  watchers.send({ kind: 'release' });
  await released;
  // The pacing of the joins comes to its end.
  await delay(settleMs);

  return {
    joined,
    join: (count, overMs) => join(count, 0, overMs),
    async run(seconds) {
      watchers.send({ kind: 'report' });
      await source.play(warmUpSeconds);
      watchers.send({ kind: 'measure' });
      toActor({ kind: 'measure' });
      await source.play(seconds);
      const actor = fromActor('result');
      toActor({ kind: 'stop' });
      const { result: ofActor } = await actor;
      await delay(settleMs);
      const seen = watchers.next('result');
      watchers.send({ kind: 'stop' });
      return { actor: ofActor, viewers: (await seen).result };
    },
    async close() {
      await thread.terminate();
      for (const { kill } of processes) kill();
    },
  };
}
