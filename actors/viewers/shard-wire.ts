import type { MessagePort } from 'node:worker_threads';
import { expose, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { toOutcome, type Wired } from '../../src/core/supervise/outcome.js';
import { createPendingCalls } from '../../src/core/supervise/pending-calls.js';
import type { ShardCalls } from './shard-contract.js';

/** Answers the actor's calls in one of its further fan-out threads. */
export function exposeShard(port: MessagePort, shard: ShardCalls): void {
  const wired: Wired<ShardCalls> = {
    join: (request) => toOutcome(() => shard.join(request)),
    restart: (viewerId, viewerUfrag) => toOutcome(() => shard.restart(viewerId, viewerUfrag)),
    leave: (viewerId, reason) => toOutcome(() => shard.leave(viewerId, reason)),
    stats: () => toOutcome(() => shard.stats()),
    stop: () => toOutcome(() => shard.stop()),
  };
  expose(wired, nodeEndpoint(port));
}

/** The actor's side of it; `fail` when the thread is gone. Errors of every call: its own, actor.timeout, actor.dead. */
export function wrapShard(port: MessagePort, timeoutMs: number): { readonly calls: ShardCalls; fail(): void } {
  const remote = wrap<Wired<ShardCalls>>(nodeEndpoint(port));
  const { call, fail } = createPendingCalls(timeoutMs, (onTime, ms) => {
    const timer = setTimeout(onTime, ms);
    return () => clearTimeout(timer);
  });
  return {
    calls: {
      join: (request) => call('join', () => remote.join(request)),
      restart: (viewerId, viewerUfrag) => call('restart', () => remote.restart(viewerId, viewerUfrag)),
      leave: (viewerId, reason) => call('leave', () => remote.leave(viewerId, reason)),
      stats: () => call('stats', () => remote.stats()),
      stop: () => call('stop', () => remote.stop()),
    },
    fail,
  };
}
