/** The thread of a stream actor without a stream: it loads its code, then waits for the spec of one. */
import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ActorBirth, StreamSpec } from '../../actors/contract.js';
import { startWatchedWorker, type WatchedWorker } from './watched-worker.js';

export interface BlankOptions {
  readonly actorUrl: URL;
  readonly boot: Pick<ActorBirth, 'settings' | 'certificate' | 'faultInjection' | 'loadsAhead'>;
  readonly memoryMb: number;
}

export interface BlankThread {
  readonly watched: WatchedWorker;
  /** The main thread's ends of the three channels. */
  readonly ports: Readonly<Record<'calls' | 'host' | 'events', MessagePort>>;
  /** Gives it its stream; once. */
  give(spec: StreamSpec): void;
  /** Lets it end without a stream. */
  dismiss(): void;
}

export function startBlankThread({ actorUrl, boot, memoryMb }: BlankOptions): BlankThread {
  const { settings, certificate, faultInjection, loadsAhead } = boot;
  const [calls, host, events] = [new MessageChannel(), new MessageChannel(), new MessageChannel()];
  const actorPorts = { calls: calls.port2, host: host.port2, events: events.port2 };
  const watched = startWatchedWorker<ActorBirth>({
    entry: actorUrl,
    name: 'stream',
    memoryMb,
    boot: { settings, certificate, faultInjection, loadsAhead, ...actorPorts },
    transfer: Object.values(actorPorts),
  });
  return {
    watched,
    ports: { calls: calls.port1, host: host.port1, events: events.port1 },
    give: (spec) => watched.worker.postMessage(spec),
    dismiss: () => watched.worker.postMessage(null),
  };
}

/**
 * The actor's bundle: beside that of the main thread, or, seen from a tree that was transpiled file by file, in the folder
 * of the build.
 */
export function findActorFile(from = import.meta.url): URL {
  const beside = new URL('../actors/stream.cjs', from);
  return existsSync(beside) ? beside : new URL('../../../dist/actors/stream.cjs', from);
}
