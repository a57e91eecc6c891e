/** Pulls from their request to the end of their listing. */
import { randomUUID } from 'node:crypto';
import type { LeaveReason } from '../../actors/contract.js';
import type { Settings } from '../config/schema.js';
import { maskUri } from '../core/rtmp/url.js';
import type { ErrorCode } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Threads } from '../threads/threads.js';
import { createRegistry, type Pull, type Registry, readRequest } from './registry.js';
import type { PullRequest } from './streams.js';
import type { Viewers } from './viewers.js';
import { createWantedStream } from './wanted-stream.js';

/** How long a pull that was ended is still listed as STOPPED. */
const stoppedListedMs = 2000;

export interface PullsOptions {
  readonly settings: Settings;
  readonly threads: Threads;
  readonly viewers: Viewers;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Logger;
}

export interface Pulls {
  readonly registry: Registry;
  /** Errors: request.invalid, pull.conflict, pull.nameTaken, pull.limit. */
  start(request: PullRequest): Pull;
  /** `told`: what its viewers are told. */
  end(pull: Pull, reason: LeaveReason, told: ErrorCode | null): void;
  close(): void;
}

export function createPulls(options: PullsOptions): Pulls {
  const { settings, threads, viewers, nowMs, random, log } = options;
  const registry = createRegistry(settings.pulls.max);
  const unlisting = new Map<Pull, NodeJS.Timeout>();

  const unlist = (pull: Pull): void => {
    clearTimeout(unlisting.get(pull));
    unlisting.delete(pull);
    registry.remove(pull);
  };
  const unlistLater = (pull: Pull): void => {
    const afterMs = pull.stream.state === 'FAILED' ? settings.pulls.failedListedMs : stoppedListedMs;
    clearTimeout(unlisting.get(pull));
    unlisting.set(
      pull,
      setTimeout(() => unlist(pull), afterMs),
    );
  };

  const endViewers = (pullId: string, reason: ErrorCode): void => {
    const { stream } = registry.get(pullId) ?? {};
    for (const viewerId of viewers.sessionsOf(pullId)) {
      stream?.thread?.actor.leave(viewerId, 'source').catch(() => {});
      viewers.end(viewerId, reason);
    }
  };

  const end: Pulls['end'] = ({ stream }, reason, told) => {
    const { pullId } = stream.spec;
    for (const viewerId of viewers.of(pullId)) viewers.end(viewerId, told);
    void stream.end(reason);
  };

  /** What is over, or fails again and again, makes room for a new pull of the same uri or name. */
  const replace = (old: Pull | undefined): void => {
    if (old === undefined) return;
    if (!old.stream.isOver) end(old, 'terminate', 'stream.failed');
    unlist(old);
  };

  return {
    registry,
    start(request) {
      const { key, localName, uri, standbyUris } = readRequest(request);
      registry.check(key, localName);
      replace(registry.byKey(key));
      replace(registry.byName(localName));
      const { origin, hasAudio, hasVideo, record } = request;
      const pullId = randomUUID();
      const stream = createWantedStream({
        nowMs,
        random,
        log,
        spec: { pullId, localName, uri, standbyUris, origin, hasAudio, hasVideo },
        startThread: threads.start,
        gate: threads.gate,
        policy: settings.supervisor,
        sourceGraceMs: settings.viewers.sourceGraceMs,
        isWatched: () => viewers.count(pullId) > 0,
        onViewerConnected: viewers.connected,
        onViewerLowered: viewers.lowered,
        onData: (data) => viewers.said(pullId, data),
        onViewerEnded: viewers.end,
        onViewersLost: (reason) => endViewers(pullId, reason),
        onOver: () => unlistLater(pull),
      });
      const maskedUris = [uri, ...standbyUris].map(maskUri);
      const pull: Pull = { stream, key, record, createdAtMs: Date.now(), maskedUris };
      registry.add(pull);
      log('info', 'pull.wanted', { name: localName, pullId, origin });
      return pull;
    },
    end(pull, reason, told) {
      log('info', 'pull.ended', { name: pull.stream.spec.localName, pullId: pull.stream.spec.pullId, reason });
      end(pull, reason, told);
      unlistLater(pull);
    },
    close() {
      for (const timer of unlisting.values()) clearTimeout(timer);
    },
  };
}
