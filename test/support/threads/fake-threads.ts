/** Streams over threads that exist only as their contract: what each is asked is recorded, what it does is told. */
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { ActorEvent, JoinAnswer, StreamActor } from '../../../actors/contract.js';
import { noDatagrams } from '../../../actors/fanout/datagram-counts.js';
import type { StreamStats } from '../../../actors/stats.js';
import { settingsSchema } from '../../../src/config/schema.js';
import type { Offer } from '../../../src/core/sdp/offer.js';
import { SluiceError } from '../../../src/errors.js';
import type { PullRequest, Streams, View, ViewRequest } from '../../../src/supervisor/streams.js';
import { createStreams } from '../../../src/supervisor/supervisor.js';
import type { ActorThreadOptions, ThreadEnd } from '../../../src/threads/actor-thread.js';

export interface FakeThread {
  readonly options: ActorThreadOptions;
  /** Calls as words: "join 3f…", "stop terminate". */
  readonly asked: string[];
  /** What the watchdog did to it. */
  readonly done: string[];
  /** What the next joins do; default: answer. */
  joins: (viewerId: string) => Promise<JoinAnswer>;
  /** True: ends by itself when asked to stop, as real ones do. */
  stopsWhenAsked: boolean;
  /** It beats no more. */
  isSilent: boolean;
  inNative: boolean;
  say(event: ActorEvent): void;
  /** Dials, connects, has media. */
  live(): void;
  end(end?: Partial<ThreadEnd>): void;
}

export interface FakeStreams {
  readonly streams: Streams;
  readonly threads: FakeThread[];
  readonly lines: { readonly level: string; readonly event: string; readonly fields: object }[];
  readonly escalations: { count: number };
  /** Lets `ms` of mocked time pass, and all that follows from it happen. */
  pass(ms: number): Promise<void>;
}

export const answer: JoinAnswer = { answerSdp: 'v=0', media: { video: null, audio: null }, iceTag: 'tag' };

const offer: Offer = {
  media: [],
  bundle: [],
  iceUfrag: 'u',
  icePwd: 'p',
  iceOptions: [],
  setup: 'actpass',
  fingerprint: { algorithm: 'sha-256', value: 'AB' },
};

const stats: StreamStats = {
  sourceBytes: 1,
  videoFrames: 0,
  videoKeyframes: 0,
  audioFrames: 0,
  reconnects: 0,
  gopPackets: 0,
  cacheBytes: 0,
  otherTracks: [],
  viewers: [],
  shards: [],
  fanout: null,
  videoPath: { kind: 'pass', reason: '', droppedB: 0 },
  audioPath: { kind: 'idle', reason: '', decodeErrors: 0, jumps: 0, dropped: 0 },
  otherAudio: [],
  renditions: [],
  sent: { packets: 0, bytes: 0, resent: 0 },
  datagrams: noDatagrams,
};

export const request = (uri: string, more: Partial<PullRequest> = {}): PullRequest => ({
  uri,
  record: false,
  hasAudio: true,
  hasVideo: true,
  origin: 'rest',
  ...more,
});

/** Timers are mocked from here to the end of the test; jitter takes nothing away. */
export async function fakeStreams(t: TestContext, settings: object = {}): Promise<FakeStreams> {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const threads: FakeThread[] = [];
  const lines: FakeStreams['lines'] = [];
  const escalations = { count: 0 };
  const streams = await createStreams({
    settings: settingsSchema.parse({ supervisor: { startsAtOnce: 64 }, ...settings }),
    log: (level, event, fields = {}) => lines.push({ level, event, fields }),
    actorUrl: new URL('file:///never-loaded.mjs'),
    nowMs: () => Date.now(),
    random: () => 1 - Number.EPSILON,
    onEscalation: () => {
      escalations.count += 1;
    },
    startThread(options) {
      const { thread, fake } = fakeThread(options);
      threads.push(fake);
      return thread;
    },
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    streams,
    threads,
    lines,
    escalations,
    async pass(ms) {
      await settle();
      // In steps, as time does: a promise that a timer settles may wind the next one.
      for (let leftMs = ms; leftMs > 0; leftMs -= 50) {
        t.mock.timers.tick(Math.min(50, leftMs));
        await settle();
      }
    },
  };
}

function fakeThread(options: ActorThreadOptions) {
  const id = randomUUID();
  const bornMs = options.nowMs();
  let resolveEnded: (end: ThreadEnd) => void = () => {};
  const ended = new Promise<ThreadEnd>((resolve) => {
    resolveEnded = resolve;
  });
  let resolveGone: (end: ThreadEnd) => void = () => {};
  const gone = new Promise<ThreadEnd>((resolve) => {
    resolveGone = resolve;
  });
  const rejects = new Set<(error: SluiceError) => void>();
  /** As the wrapper of the real thread has it: the end of the thread settles what is pending. */
  const untilEnd = <T>(call: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      rejects.add(reject);
      call.then(resolve, reject);
    });
  const source = (state: 'PENDING' | 'CONNECTED' | 'PROCESSED_REMOTE'): ActorEvent => ({
    kind: 'source.state',
    state,
    reason: null,
    detail: '',
  });
  const fake: FakeThread = {
    options,
    asked: [],
    done: [],
    stopsWhenAsked: true,
    isSilent: false,
    inNative: false,
    joins: async () => answer,
    say: (event) => options.onEvent(event),
    live() {
      for (const state of ['PENDING', 'CONNECTED', 'PROCESSED_REMOTE'] as const) options.onEvent(source(state));
    },
    end(end = {}) {
      for (const reject of rejects) reject(new SluiceError('actor.dead'));
      const made: ThreadEnd = {
        cause: 'crashed',
        exitCode: 1,
        error: 'boom',
        lifeMs: options.nowMs() - bornMs,
        ...end,
      };
      resolveEnded(made);
      resolveGone(made);
    },
  };
  const actor: StreamActor = {
    async inject(fault) {
      fake.asked.push(`inject ${fault}`);
    },
    join({ viewerId }) {
      fake.asked.push(`join ${viewerId}`);
      return untilEnd(fake.joins(viewerId));
    },
    async restart(viewerId, viewerUfrag) {
      fake.asked.push(`restart ${viewerId} ${viewerUfrag}`);
      return { fragment: 'a=ice-lite', iceTag: 'next' };
    },
    async leave(viewerId, reason) {
      fake.asked.push(`leave ${viewerId} ${reason}`);
      return true;
    },
    loadAhead: async () => {},
    stats: async () => stats,
    keyframe: () => Promise.reject(new SluiceError('stream.notLive')),
    async stop(reason) {
      fake.asked.push(`stop ${reason}`);
    },
  };
  let isStopping = false;
  let beat = 1;
  const thread = {
    id,
    actor,
    ended,
    async stop(reason: Parameters<StreamActor['stop']>[0]) {
      isStopping = true;
      await actor.stop(reason);
      if (fake.stopsWhenAsked) fake.end({ cause: 'stopped', exitCode: 0, error: '' });
      return ended;
    },
    gone,
    sample() {
      if (!fake.isSilent) beat += 1;
      return { id, beat, inNative: fake.inNative, isLoading: false, isStopping, time: null };
    },
    condemn: (cause: string) => fake.done.push(`condemn ${cause}`),
    terminate() {
      fake.done.push('terminate');
      return true;
    },
    abandon() {
      fake.done.push('abandon');
      resolveEnded({ cause: 'hung', exitCode: -1, error: 'stuck', lifeMs: options.nowMs() - bornMs });
    },
  };
  return { thread, fake };
}

export interface FakeViewer {
  readonly view: Promise<View>;
  readonly told: string[];
}

export function watch(streams: Streams, name: string, more: Partial<ViewRequest> = {}): FakeViewer {
  const told: string[] = [];
  const view = streams.view({
    name,
    offer,
    clientIp: '192.0.2.1',
    onConnected: () => told.push('connected'),
    onEnded: (reason) => told.push(`ended ${reason}`),
    ...more,
  });
  // A test that looks at it later must not find the process ended for an unhandled rejection.
  view.catch(() => {});
  return { view, told };
}
