/** Puts the supervisor together: what the server sees of it is `Streams`. */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { monotonicMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import { createRateLimit } from '../core/guard/rate.js';
import { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import { listenAddresses } from '../net/listen-addresses.js';
import { findActorFile } from '../threads/actor-file.js';
import type { StartThread } from '../threads/actor-thread.js';
import { createPool } from '../threads/pool.js';
import { createThreads } from '../threads/threads.js';
import { createIdleTimers } from './idle.js';
import { joinStream } from './join.js';
import { createPulls } from './pulls.js';
import { isAddress, keyOf, type Pull, viewOf } from './registry.js';
import type { PullRequest, Streams, ViewRequest } from './streams.js';
import { createViewerIndex } from './viewers.js';

const viewerIdBytes = 16;

export interface StreamsOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** The stream actor's bundle; default: where the build puts it. */
  readonly actorUrl?: URL;
  /** Monotonic ms; default: the process's. */
  readonly nowMs?: () => number;
  /** In [0, 1), for the jitter of restarts. */
  readonly random?: () => number;
  /** In place of real threads, for tests. */
  readonly startThread?: StartThread;
  /**
   * A thread cannot be ended: only a new process helps. Default: SIGKILL to the own process, because process.exit may
   * hang on such a thread (docs/reliability.md 2.2); whoever started it starts it again.
   */
  readonly onEscalation?: () => void;
}

/** Error: config.invalid for address ranges, or a file of authorities, that cannot be read. */
export async function createStreams(options: StreamsOptions): Promise<Streams> {
  const { settings, log, random = Math.random } = options;
  const nowMs = options.nowMs ?? monotonicMs;
  const { idleMs, viewerPullsPerMinute } = settings.pulls;
  tellAddresses(settings.webrtc, log);
  const threads = createThreads({
    settings,
    log,
    nowMs,
    actorUrl: options.actorUrl ?? findActorFile(),
    onEscalation: options.onEscalation ?? (() => process.kill(process.pid, 'SIGKILL')),
    ...(options.startThread === undefined ? {} : { startThread: options.startThread }),
  });
  const pool = createPool(new URL('pool.mjs', options.actorUrl ?? findActorFile()));
  const viewers = createViewerIndex(settings.viewers.maxPerIp, (pullId) => idle.look(pullId));
  const pulls = createPulls({ settings, threads, viewers, nowMs, random, log });
  const { registry } = pulls;
  const idle = createIdleTimers({
    idleMs,
    isIdle(pullId) {
      const pull = registry.get(pullId);
      return pull !== undefined && isOnDemand(pull) && !pull.stream.isOver && viewers.count(pullId) === 0;
    },
    onIdle(pullId) {
      const pull = registry.get(pullId);
      if (pull !== undefined) pulls.end(pull, 'viewer', null);
    },
  });
  const onDemand = createRateLimit({ perMinute: viewerPullsPerMinute });
  let closing: Promise<void> | null = null;

  const refuseWhenDraining = (): void => {
    if (closing !== null) throw new SluiceError('server.draining');
  };

  /** The pull that a viewer asks for; it is started when nobody pulls this address yet. */
  const pullFor = ({ name, clientIp }: ViewRequest): Pull => {
    const known = registry.find(name);
    const isGone = known === undefined || known.stream.state === 'STOPPED';
    const mayStartAgain = known !== undefined && isOnDemand(known) && known.stream.isOver;
    if (known !== undefined && !isGone && !mayStartAgain) return known;
    if (!isAddress(name)) throw new SluiceError('stream.notFound');
    if (!onDemand.take(clientIp, nowMs())) {
      throw new SluiceError('request.tooMany', `pulls.viewerPullsPerMinute is ${viewerPullsPerMinute}`);
    }
    return pulls.start({ uri: name, record: false, hasAudio: true, hasVideo: true, origin: 'viewer' });
  };

  const view: Streams['view'] = async (request) => {
    refuseWhenDraining();
    const { stream } = pullFor(request);
    const { pullId, localName } = stream.spec;
    const viewerId = randomBytes(viewerIdBytes).toString('hex');
    const { clientIp, onConnected, onData = () => {}, onLowered = () => {}, onEnded, offer, wish = null } = request;
    const { startTimeoutMs, codecWaitMs } = settings.viewers;
    try {
      viewers.add({ viewerId, pullId, clientIp, onConnected, onData, onLowered, onEnded });
      idle.look(pullId);
      const answer = await joinStream(stream, { viewerId, offer, wish }, { startTimeoutMs, codecWaitMs, nowMs });
      if (viewers.joined(viewerId)) return { ...answer, viewerId, localName };
      stream.thread?.actor.leave(viewerId, 'viewer').catch(() => {});
      throw new SluiceError(closing === null ? 'stream.notFound' : 'server.draining');
    } catch (error) {
      viewers.remove(viewerId);
      idle.look(pullId);
      throw error;
    }
  };

  const close = async (): Promise<void> => {
    for (const pull of registry.pulls) {
      if (!pull.stream.isOver) pulls.end(pull, 'shutdown', 'server.draining');
    }
    await threads.close();
    await pool.close();
    idle.close();
    pulls.close();
  };

  const show = (pull: Pull) => viewOf(pull, viewers.count(pull.stream.spec.pullId));

  return {
    pull(request: PullRequest) {
      refuseWhenDraining();
      const pull = pulls.start(request);
      idle.look(pull.stream.spec.pullId);
      return show(pull);
    },
    terminate(uriOrPullId) {
      const pull = registry.get(uriOrPullId) ?? registry.byKey(keyOf(uriOrPullId) ?? '');
      if (pull === undefined || pull.stream.state === 'STOPPED') throw new SluiceError('pull.notFound');
      pulls.end(pull, 'terminate', null);
    },
    list: () => registry.pulls.map(show),
    find(name) {
      const pull = registry.find(name);
      return pull === undefined ? undefined : show(pull);
    },
    view,
    async restart(viewerId, viewerUfrag) {
      const thread = registry.get(viewers.pullOf(viewerId) ?? '')?.stream.thread;
      if (thread === null || thread === undefined) throw new SluiceError('session.notFound');
      return thread.actor.restart(viewerId, viewerUfrag);
    },
    async leave(viewerId) {
      const viewer = viewers.remove(viewerId);
      if (viewer === undefined) return false;
      const thread = registry.get(viewer.pullId)?.stream.thread;
      // The thread that is gone, or does not answer, has no session left, or ends it by its own deadline.
      await thread?.actor.leave(viewerId, 'viewer').catch(() => false);
      return true;
    },
    data(pullId, since) {
      const data = registry.get(pullId)?.stream.data;
      if (data === undefined) throw new SluiceError('pull.notFound');
      return { metadata: data.metadata, events: data.since(since), lastSeq: data.lastSeq };
    },
    async stats(pullId) {
      const pull = registry.get(pullId);
      if (pull === undefined) throw new SluiceError('pull.notFound');
      if (pull.stream.thread === null) throw new SluiceError('stream.notLive');
      return pull.stream.thread.actor.stats();
    },
    async snapshot(name) {
      const stream = registry.find(name)?.stream;
      if (stream === undefined) throw new SluiceError('stream.notFound');
      if (stream.thread === null) throw new SluiceError('stream.notLive');
      return pool.snapshot(await stream.thread.actor.keyframe());
    },
    inject(name, fault) {
      if (!settings.supervisor.faultInjection) {
        throw new SluiceError('control.forbidden', 'supervisor.faultInjection is off');
      }
      const pull = registry.find(name);
      if (pull === undefined) throw new SluiceError('stream.notFound');
      const { thread, spec } = pull.stream;
      if (thread === null) throw new SluiceError('stream.notLive');
      log('warn', 'fault.injected', { name: spec.localName, pullId: spec.pullId, fault });
      // The answer of a thread that breaks is of no use.
      thread.actor.inject(fault).catch(() => {});
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

/** Where viewers will be told to go: the first thing to look at when they do not connect. */
function tellAddresses({ listen, announce, portMin, portMax }: Settings['webrtc'], log: StreamsOptions['log']): void {
  const addresses = listen.length > 0 ? listen : listenAddresses(networkInterfaces());
  const announced = announce.length > 0 ? announce : addresses;
  const ports = portMax === 0 ? 'any' : `${portMin} to ${portMax}`;
  log('info', 'webrtc.addresses', { addresses: addresses.join(', '), announced: announced.join(', '), ports });
}

/** True when viewers that nobody else asked for are what keeps the pull going. */
function isOnDemand({ stream }: Pull): boolean {
  return stream.spec.origin === 'viewer';
}
