/** Builds the supervisor out of its parts; the server sees it as `Streams`. */
import type { StreamStats } from '../../actors/stats.js';
import { monotonicMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import type { Fault } from '../core/supervise/faults.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { probeSource } from '../net/probe.js';
import type { ActorThread, StartThread } from '../threads/actor-thread.js';
import { findActorFile } from '../threads/blank-thread.js';
import { createPool } from '../threads/pool.js';
import { createProcessLoad } from '../threads/process-load.js';
import { createThreads } from '../threads/threads.js';
import { createIdleTimers, type IdleTimers } from './idle.js';
import { createObservation } from './observation.js';
import { createOutboundRates } from './outbound-rates.js';
import { createOverload, type Overload } from './overload.js';
import type { Pull } from './pull.js';
import type { PullRequest } from './pull-info.js';
import { createPullLists } from './pull-lists.js';
import { createPulls, type Pulls } from './pulls.js';
import { createSessions } from './sessions.js';
import type { LocalStreams, Streams } from './streams.js';
import { createSupervision } from './supervision.js';
import { createTakers, type Takers } from './takers.js';
import { createTimings } from './timings.js';
import { logAddresses } from './viewer-addresses.js';
import { createViewerEndings } from './viewer-endings.js';
import { createViewerIndex, type ViewerIndex } from './viewer-index.js';

interface StreamsOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** The stream actor's bundle; default: where the build puts it. */
  readonly actorUrl?: URL;
  /** Pulls came, went or were renamed, or only their viewers, since `wanted` was asked. */
  readonly onWanted?: (what: 'pulls' | 'viewers') => void;
  /** Monotonic ms; default: the process's. */
  readonly nowMs?: () => number;
  /** In [0, 1), for the jitter of restarts. */
  readonly random?: () => number;
  /** Replaces real threads in tests. */
  readonly startThread?: StartThread;
  /** Replaces the first dialling of a viewer's address in tests. */
  readonly probe?: typeof probeSource;
  /**
   * Too many threads cannot be ended, and only a new process helps. Default: SIGKILL to this process, because
   * process.exit may hang on such a thread (docs/reliability.md 2.2); the service manager then starts it again.
   */
  readonly onEscalation?: () => void;
}

/** Error: config.invalid for address ranges, or a file of certificate authorities, that cannot be read. */
export async function createStreams(options: StreamsOptions): Promise<LocalStreams> {
  const { settings, log, nowMs = monotonicMs, random = Math.random, onWanted = () => {} } = options;
  logAddresses(settings, log);
  const actorUrl = options.actorUrl ?? findActorFile();
  const pool = createPool(new URL('pool.cjs', actorUrl));
  const threads = createThreads({
    settings,
    decodes: pool.decodes,
    log,
    nowMs,
    actorUrl,
    onEscalation: options.onEscalation ?? (() => process.kill(process.pid, 'SIGKILL')),
    ...(options.startThread === undefined ? {} : { startThread: options.startThread }),
    ...(options.probe === undefined ? {} : { probe: options.probe }),
  });
  const listeners: ((pullId: string) => void)[] = [];
  const tell = (pullId: string): void => {
    for (const listener of listeners) listener(pullId);
  };
  const endings = createViewerEndings(nowMs);
  const timings = createTimings();
  const viewers = createViewerIndex(settings.viewers, {
    onCounted: () => onWanted('viewers'),
    onGone: (pullId) => idle.check(pullId),
    onEnded: endings.add,
    onTiming: timings.note,
    nowMs,
  });
  const pulls = createPulls({
    settings,
    threads,
    viewers,
    nowMs,
    random,
    log,
    timings,
    onChanged: () => onWanted('pulls'),
    onPlayers: (pullId) => idle.check(pullId),
    onStatus: tell,
  });
  const takersOf = (pullId: string): number => viewers.count(pullId) + takers.count(pullId);
  const idle = createIdleTimers({ limits: settings.pulls, pulls, takersOf, onChange: tell });
  let closing: Promise<void> | null = null;
  let ffmpeg: Promise<string | null> | null = null;
  const isClosing = (): boolean => closing !== null;
  const load = createProcessLoad(settings.viewers, nowMs);
  const overload = createOverload({ limits: settings.viewers, load, nowMs });
  const sessions = createSessions({ settings, pulls, viewers, idle, nowMs, isClosing });
  const { table } = pulls;
  const takers = createTakers({ settings, table, sessions, viewers, actorUrl, threads, pool, idle, log });
  const statsOf = async (pullId: string): Promise<StreamStats> =>
    threadOf(found(table.get(pullId), 'pull.notFound')).actor.stats();
  const rates = createOutboundRates({ viewers, statsOf, nowMs });
  const observation = createObservation({ settings, table, statsOf, threads, viewers, endings, log });

  const close = async (): Promise<void> => {
    for (const pull of table.pulls) {
      if (!pull.status.isOver) pulls.end(pull, 'shutdown', 'server.draining');
    }
    await takers.close();
    await threads.close();
    await pool.close();
    for (const part of [idle, rates, load, observation, pulls]) part.close();
  };

  const { info, ...lists } = createPullLists(table, viewers);

  return {
    ...sessions,
    ...createSupervision({ settings, table, viewers, threads, pool, recorded: takers, overload, load, observation }),
    ...admitted(sessions, overload),
    ...observation.observed,
    pull(request, client) {
      if (isClosing()) throw new SluiceError('server.draining');
      const pull = pulls.start(request, client);
      takers.recordPull(pull);
      idle.check(pull.spec.pullId);
      return info(pull);
    },
    wishRecording: (pullId, wish) => wishRecording(found(table.get(pullId), 'pull.notFound'), wish),
    pointTo: (pullId, parentUri) => pointPull({ pulls, takers, idle }, pullId, parentUri),
    terminate(which) {
      const pull = table.select(which);
      if (pull === undefined || pull.status.state === 'STOPPED') throw new SluiceError('pull.notFound');
      pulls.end(pull, 'terminate', null);
    },
    ...lists,
    takersOf,
    onChange: (listener) => void listeners.push(listener),
    wanted: pulls.wanted,
    stats: statsOf,
    rename: (pullId, name) => info(pulls.rename(found(table.get(pullId), 'pull.notFound'), name)),
    report: viewers.report,
    sendEvent: (name, payload) => sendEvent(found(table.find(name), 'stream.notFound'), viewers, payload),
    async restartThread(pullId) {
      const pull = found(table.get(pullId), 'pull.notFound');
      log('info', 'stream.restarting', { name: pull.spec.localName, pullId });
      return pull.replaceThread();
    },
    ...takers,
    settingsChanged: threads.settingsChanged,
    observeTimings: timings.observe,
    ffmpegVersion() {
      ffmpeg ??= pool.ffmpegVersion().catch(() => null);
      return ffmpeg;
    },
    inject(name, fault) {
      checkDrills(settings);
      injectFault(found(table.find(name), 'stream.notFound'), fault, log);
    },
    get stuckThreads() {
      return threads.stuck;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** New viewers, as long as there is something to give them. */
const admitted = (
  { view, viewPackets, viewFragments }: Pick<Streams, 'view' | 'viewPackets' | 'viewFragments'>,
  { admit }: Pick<Overload, 'admit'>,
): Pick<Streams, 'view' | 'viewPackets' | 'viewFragments'> => ({
  view: (request) => admit(() => view(request)),
  viewPackets: (request) => admit(() => viewPackets(request)),
  viewFragments: (request) => admit(() => viewFragments(request)),
});

function checkDrills({ supervisor }: Settings): void {
  if (!supervisor.faultInjection) throw new SluiceError('control.forbidden', 'supervisor.faultInjection is off');
}

function injectFault(pull: Pull, fault: Fault, log: Logger): void {
  const { actor } = threadOf(pull);
  log('warn', 'fault.injected', { name: pull.spec.localName, pullId: pull.spec.pullId, fault });
  // The thread may break before it answers.
  actor.inject(fault).catch(() => {});
}

function sendEvent({ spec, status, thread }: Pull, viewers: Pick<ViewerIndex, 'event'>, payload: unknown): void {
  viewers.event(spec.pullId, payload);
  // With a thread that is gone its links are.
  if (status.players > 0) thread?.actor.tellNodes(JSON.stringify(payload ?? null)).catch(() => {});
}

function wishRecording(pull: Pull, { record, recording }: Pick<PullRequest, 'record' | 'recording'>): void {
  const { localName, origin } = pull.wanted();
  pull.adopt({ localName, origin, by: { ...pull.by, record, recording } });
}

interface PointedParts {
  readonly pulls: Pulls;
  readonly takers: Pick<Takers, 'recordWhereOwned'>;
  readonly idle: Pick<IdleTimers, 'check'>;
}

async function pointPull(
  { pulls, takers, idle }: PointedParts,
  pullId: string,
  parentUri: string | null,
): Promise<void> {
  const pull = pulls.table.get(pullId);
  if (pull === undefined || pull.status.isOver) throw new SluiceError('pull.notFound');
  const isDone = pulls.pointTo(pull, parentUri);
  idle.check(pullId);
  await Promise.all([isDone, takers.recordWhereOwned(pull)]);
}

function found(pull: Pull | undefined, error: ErrorCode): Pull {
  if (pull === undefined) throw new SluiceError(error);
  return pull;
}

/** Error: stream.notLive while the pull has no thread. */
function threadOf({ thread }: Pull): ActorThread {
  if (thread === null) throw new SluiceError('stream.notLive');
  return thread;
}
