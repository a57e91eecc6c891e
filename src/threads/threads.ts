/** The threads of all streams, with what they share: certificate, resolver, start gate, spares, and the guardian. */
import { availableParallelism } from 'node:os';
import type { ActorBoot, ActorEvent, ActorHost, StreamSpec } from '../../actors/contract.js';
import type { ActorSettings } from '../../actors/settings.js';
import type { ShardBoot } from '../../actors/viewers/shard-contract.js';
import type { Settings } from '../config/schema.js';
import { createAddressGuard } from '../core/guard/address.js';
import { type Child, type ChildKind, type ChildState, describeChild } from '../core/supervise/child.js';
import type { ThreadEnds } from '../core/supervise/supervision.js';
import type { EndedBy } from '../core/supervise/watchdog.js';
import { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import { readAuthorities } from '../net/authorities.js';
import { probeSource } from '../net/probe.js';
import { createResolver } from '../net/resolve.js';
import { type ActorThread, runActorThread, type StartThread } from './actor-thread.js';
import { readAgentSdp } from './agent-sdp.js';
import { type BlankOptions, type BlankThread, startBlankThread } from './blank-thread.js';
import { createCertificate } from './certificate.js';
import { prepareCutOff } from './cut-off.js';
import { prepareEngine } from './engine.js';
import { createGuardian, type Guardian } from './guardian.js';
import { openProcessMemory, type ProcessMemory } from './process-memory.js';
import { createRenditions } from './renditions.js';
import { createSideThreads } from './side-threads.js';
import { createSpareThreads } from './spare-threads.js';
import { createStartGate, type StartGate } from './start-gate.js';

interface ThreadsOptions {
  readonly settings: Settings;
  readonly actorUrl: URL;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly onEscalation: () => void;
  /** Of the pool. */
  readonly decodes: ActorHost['decodes'];
  readonly startThread?: StartThread;
  readonly probe?: typeof probeSource;
}

export interface Threads {
  readonly gate: StartGate;
  /** Watches threads that others start. */
  readonly guardian: Pick<Guardian, 'add' | 'stateOf'>;
  start(spec: StreamSpec, onEvent: (event: ActorEvent) => void): ActorThread;
  /** Resolves when no further thread of this pull's viewers is left: its sockets send nothing any more. */
  shardsGone(pullId: string): Promise<void>;
  /** Resolves when a source at this uri has answered, for a viewer. Errors: source.*. */
  probe(uri: string): Promise<void>;
  stateOf(thread: ActorThread): ChildState;
  /** The threads that work for a stream. */
  childrenOf(pullId: string): readonly Child[];
  /** Those that stand ready for a stream. */
  readonly spares: readonly Child[];
  /** Threads that start from now on have the settings as they are now. */
  settingsChanged(): void;
  /** How many threads have ended, by kind and cause. */
  ends(): readonly ThreadEnds[];
  readonly memory: ProcessMemory;
  /** Resolves when all threads are gone or abandoned; all must have been asked to stop before. */
  close(): Promise<void>;
  /** Threads that cannot be ended, after `close` all that are left: process.exit would wait for them for ever. */
  readonly stuck: number;
}

/** After `stopTimeoutMs`: for the watchdog to terminate the threads that are left, ms. */
const endGraceMs = 4500;

/** Error: config.invalid for address ranges, or a file of certificate authorities, that cannot be read. */
export function createThreads(options: ThreadsOptions): Threads {
  const { settings, nowMs, log } = options;
  const { supervisor, rtmp, viewers } = settings;
  const guard = createAddressGuard(settings.pulls);
  const resolver = createResolver({
    timeoutMs: rtmp.dnsTimeoutMs,
    guard,
    viewerDialsPerMinute: settings.pulls.viewerDialsPerMinute,
    nowMs,
  });
  const certificate = createCertificate(Date.now());
  prepareCutOff();
  prepareEngine();
  const caPem = readAuthorities(rtmp.caFile, 'rtmp.caFile');
  const accepts = readAgentSdp(rtmp.agentSdpFile);
  if (accepts?.recordsVideo === false) log('warn', 'config.recordsAudioAlone', { file: rtmp.agentSdpFile });
  const memory = openProcessMemory(supervisor.processMemoryMb);
  const ends = createEndCounts();
  const guardian = createGuardian({
    hangMs: supervisor.hangMs,
    stopMs: supervisor.stopTimeoutMs,
    nowMs,
    log,
    onEscalation: options.onEscalation,
    memory,
  });
  const atOnce = supervisor.startsAtOnce === 0 ? Math.max(1, availableParallelism() - 1) : supervisor.startsAtOnce;
  const renditions = createRenditions({
    settings,
    actorUrl: options.actorUrl,
    guardian,
    log,
    onEnded: (cause) => ends.add('rendition', cause),
  });
  const shards = createSideThreads<ShardBoot>({
    guardian,
    log,
    kind: 'shard',
    onEnded: (cause) => ends.add('shard', cause),
    max: viewers.maxShards,
    memoryMb: supervisor.threadMemoryMb,
    entry: new URL('shard.cjs', options.actorUrl),
    refusal: () => new SluiceError('viewer.limit', `viewers.maxShards is ${viewers.maxShards}`),
  });
  const birth = (loadsAhead: boolean): BlankOptions => bornWith(options, { certificate, caPem, accepts }, loadsAhead);
  const spares = createSpareThreads(
    (isSpare) => startBlankThread(birth(isSpare)),
    options.startThread === undefined ? supervisor.spareThreads : 0,
  );
  const startThread = options.startThread ?? ((thread) => runActorThread(thread, spares.take()));
  const alive = new Set<ActorThread>();
  let leftBehind = 0;

  return {
    gate: createStartGate(atOnce),
    guardian,
    start(spec, onEvent) {
      const born = birth(false);
      const boot = { ...born.boot, spec };
      const thread: ActorThread = startThread({
        nowMs,
        onEvent,
        host: {
          resolve: resolver.resolve,
          openRendition: (wish) => renditions.open(wish, spec, thread.ended),
          decodes: options.decodes,
          openShard: async () => shards.open((ports) => ({ ...boot, ...ports }), spec, thread.ended),
        },
        ...born,
        boot,
        callTimeoutMs: supervisor.callTimeoutMs,
      });
      alive.add(thread);
      void thread.ended.then(({ cause }) => {
        alive.delete(thread);
        ends.add('stream', cause);
      });
      guardian.add(thread, spec.localName);
      return thread;
    },
    shardsGone: shards.goneOf,
    stateOf: ({ id }) => guardian.stateOf(id),
    childrenOf: (pullId) => [...shards.childrenOf(pullId), ...renditions.childrenOf(pullId)],
    get spares() {
      return spares.all.map(spareChild);
    },
    settingsChanged: spares.renew,
    ends: ends.all,
    memory,
    async probe(uri) {
      const { connectTimeoutMs: timeoutMs } = rtmp;
      const probe = options.probe ?? probeSource;
      const resolve = (host: string, port: number) => resolver.resolve(host, 'viewer', port, null);
      await probe({ uri, resolve, caPem, timeoutMs, nowMs });
    },
    async close() {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, supervisor.stopTimeoutMs + endGraceMs);
        const threads = [...[...alive].map(({ ended }) => ended), ...renditions.ended, ...shards.ended, spares.close()];
        void Promise.all(threads).then(() => {
          clearTimeout(late);
          resolve();
        });
      });
      leftBehind = guardian.threads;
      if (leftBehind > 0) log('error', 'actors.leftBehind', { threads: leftBehind });
      guardian.close();
      memory.close();
    },
    get stuck() {
      return Math.max(leftBehind, guardian.abandoned);
    },
  };
}

/** As the settings are when the thread starts. The secret of RTMP out is the door's alone. */
function bornWith(
  { actorUrl, settings }: Pick<ThreadsOptions, 'actorUrl' | 'settings'>,
  known: Pick<ActorBoot, 'certificate'> & Pick<ActorSettings['rtmp'], 'caPem' | 'accepts'>,
  loadsAhead: boolean,
): BlankOptions {
  const { supervisor, rtmp, webrtc, viewers, media } = settings;
  const { port, maxPlayersPerStream, maxBehindBytes } = settings.rtmpOut;
  const { certificate, caPem, accepts = null } = known;
  return {
    actorUrl,
    memoryMb: supervisor.threadMemoryMb,
    boot: {
      certificate,
      faultInjection: supervisor.faultInjection,
      loadsAhead,
      settings: {
        rtmp: { ...rtmp, caPem, accepts },
        webrtc,
        viewers,
        rtmpOut: { port, maxPlayersPerStream, maxBehindBytes },
        media,
      },
    },
  };
}

const spareChild = ({ watched: { id, vitals } }: BlankThread): Child =>
  describeChild({ kind: 'spare', id, name: '', state: 'running' }, vitals);

function createEndCounts() {
  const counts = new Map<string, ThreadEnds>();
  return {
    add(kind: ChildKind, cause: EndedBy): void {
      const key = `${kind} ${cause}`;
      counts.set(key, { kind, cause, count: (counts.get(key)?.count ?? 0) + 1 });
    },
    all: (): readonly ThreadEnds[] => [...counts.values()],
  };
}
