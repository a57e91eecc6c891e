/** A supervisor over fake threads, which record the calls that they get, and emit the events that a test wants. */
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { ActorEvent, JoinAnswer, StreamActor } from '../../../actors/contract.js';
import { noDatagrams } from '../../../actors/fanout/datagram-counts.js';
import type { StreamStats } from '../../../actors/stats.js';
import { settingsSchema } from '../../../src/config/schema.js';
import type { Offer } from '../../../src/core/sdp/offer.js';
import { SluiceError } from '../../../src/errors.js';
import type { PullRequest } from '../../../src/supervisor/pull-info.js';
import type { LocalStreams, Streams } from '../../../src/supervisor/streams.js';
import { createStreams } from '../../../src/supervisor/supervisor.js';
import type { View, ViewRequest } from '../../../src/supervisor/view.js';
import type { ActorThreadOptions, ThreadEnd } from '../../../src/threads/actor-thread.js';

export interface FakeThread {
  readonly options: ActorThreadOptions;
  /** The calls of its actor as text: "join 3f…", "stop terminate". */
  readonly calls: string[];
  /** The decisions of the watchdog on it. */
  readonly done: string[];
  /** Answers the next joins; default: with `answer`. */
  joins: (viewerId: string) => Promise<JoinAnswer>;
  /** Answers when it is told to let go of its viewers. */
  handsOver: () => Promise<void>;
  /** True: ends by itself when asked to stop, as real ones do. */
  stopsWhenAsked: boolean;
  /** Its heartbeat has stopped. */
  isSilent: boolean;
  inNative: boolean;
  emit(event: ActorEvent): void;
  /** Emits the states of a source that connects and sends media. */
  live(): void;
  end(end?: Partial<ThreadEnd>): void;
}

export interface FakeStreams {
  readonly streams: LocalStreams;
  readonly threads: FakeThread[];
  readonly lines: { readonly level: string; readonly event: string; readonly fields: object }[];
  readonly escalations: { count: number };
  /** How the addresses that viewers name answer their first dialling; default: well. */
  readonly probe: { answer: (uri: string) => Promise<void> };
  /** Advances the mocked time, and runs all that is due. */
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

const noTrack = { rateBps: 0, stampMs: 0 };
export const noMetrics = {
  audio: noTrack,
  video: { ...noTrack, keyframes: 0, pFrames: 0, bFrames: 0, gopFrames: 0, keyframeIntervalMs: 0, fps: 0 },
};

export const noStats: StreamStats = {
  source: noMetrics,
  sourceBytes: 0,
  videoFrames: 0,
  videoKeyframes: 0,
  audioFrames: 0,
  reconnects: 0,
  skippedMessages: 0,
  trackOffsetMs: 0,
  stampSpeeds: { audio: 1, video: 1 },
  gopPackets: 0,
  cacheBytes: 0,
  otherTracks: [],
  missing: [],
  viewers: [],
  shards: [],
  fanout: null,
  videoPath: { kind: 'pass', reason: '', droppedB: 0 },
  audioPath: { kind: 'idle', reason: '', decodeErrors: 0, jumps: 0, dropped: 0 },
  otherAudio: [],
  renditions: [],
  addedDelay: { messages: 0, sumMs: 0, worstMs: 0 },
  sent: { packets: 0, bytes: 0, resent: 0, nacked: 0, keyRequests: 0 },
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

/** Timers are mocked up to the end of the test. Restarts have no jitter. */
export async function fakeStreams(t: TestContext, settings: object = {}): Promise<FakeStreams> {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const threads: FakeThread[] = [];
  const lines: FakeStreams['lines'] = [];
  const escalations = { count: 0 };
  const probe: FakeStreams['probe'] = { answer: async () => {} };
  const streams = await createStreams({
    settings: settingsSchema.parse({ supervisor: { startsAtOnce: 64 }, recordings: { folder: '' }, ...settings }),
    log: (level, event, fields = {}) => lines.push({ level, event, fields }),
    actorUrl: new URL('file:///never-loaded.mjs'),
    nowMs: () => Date.now(),
    random: () => 1 - Number.EPSILON,
    onEscalation: () => {
      escalations.count += 1;
    },
    probe: (options) => probe.answer(options.uri),
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
    probe,
    async pass(ms) {
      await settle();
      // In small steps: a promise that a timer settles may start the next timer.
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
  /** As with real threads, the end of the thread rejects its pending calls. */
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
    calls: [],
    done: [],
    stopsWhenAsked: true,
    isSilent: false,
    inNative: false,
    joins: async () => answer,
    handsOver: async () => {},
    emit: (event) => options.onEvent(event),
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
      fake.calls.push(`inject ${fault}`);
    },
    join({ viewerId }) {
      fake.calls.push(`join ${viewerId}`);
      return untilEnd(fake.joins(viewerId));
    },
    async restart(viewerId, viewerUfrag) {
      fake.calls.push(`restart ${viewerId} ${viewerUfrag}`);
      return { fragment: 'a=ice-lite', iceTag: 'next' };
    },
    async leave(viewerId, reason) {
      fake.calls.push(`leave ${viewerId} ${reason}`);
      return true;
    },
    stats: async () => ({ ...noStats, sourceBytes: 1 }),
    keyframe: () => Promise.reject(new SluiceError('stream.notLive')),
    async takeOver(handOvers) {
      const ids = handOvers.flatMap(({ sessions }) => sessions.map(({ viewerId }) => viewerId));
      fake.calls.push(`takeOver ${ids.join(' ')}`);
      return ids;
    },
    handOver() {
      fake.calls.push('handOver');
      return untilEnd(fake.handsOver());
    },
    fragments: () => Promise.reject(new SluiceError('media.unavailable')),
    addPlayer: () => Promise.reject(new SluiceError('viewer.limit')),
    async endLinks(epoch) {
      fake.calls.push(`endLinks ${epoch}`);
    },
    async tellNodes(payload) {
      fake.calls.push(`tellNodes ${payload}`);
    },
    async pointTo({ uris, origin }) {
      fake.calls.push(`pointTo ${origin} ${uris.join(' ')}`);
    },
    packets: () => Promise.reject(new SluiceError('media.unavailable')),
    async stop(reason) {
      fake.calls.push(`stop ${reason}`);
    },
  };
  let isStopping = false;
  let beat = 1;
  const thread = {
    id,
    actor,
    readEvents() {},
    ended,
    abandoned: new Promise<void>(() => {}),
    async stop(reason: Parameters<StreamActor['stop']>[0]) {
      isStopping = true;
      await actor.stop(reason);
      if (fake.stopsWhenAsked) fake.end({ cause: 'stopped', exitCode: 0, error: '' });
      return ended;
    },
    gone,
    held: { usedBytes: 1_048_576, budgetBytes: 268_435_456 },
    vitals: { usedBytes: 1_048_576, budgetBytes: 268_435_456, lagMs: 0, cpuMs: null },
    sample() {
      if (!fake.isSilent) beat += 1;
      return { id, beat, inNative: fake.inNative, isLoading: false, isStopping, isLeaving: false, time: null };
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
  readonly notified: string[];
}

export function watch(streams: Streams, name: string, more: Partial<ViewRequest> = {}): FakeViewer {
  const notified: string[] = [];
  const view = streams.view({
    name,
    offer,
    clientIp: '192.0.2.1',
    onConnected: () => notified.push('connected'),
    onSourceChanged: (lost) => notified.push(lost === null ? 'back' : `lost ${lost}`),
    onEnded: (reason) => notified.push(`ended ${reason}`),
    ...more,
  });
  // The test may handle it later: no unhandled rejection.
  view.catch(() => {});
  return { view, notified };
}
