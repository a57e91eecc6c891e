/**
 * The viewers of a pull whose thread dies: their sessions are kept here while none is up, and the next thread goes on with them. Of
 * a viewer in mid-handshake nothing is kept.
 */
import type { ActorEvent, StreamActor } from '../../actors/contract.js';
import type { HeldPort, SessionRecord } from '../../actors/session-record.js';
import type { HandOverReport } from '../core/supervise/child.js';
import { createKeptSessions } from '../core/supervise/kept-sessions.js';
import { rowOf } from '../errors.js';
import { releasePort } from '../threads/native/held-port.js';

export interface HandOverOptions {
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Those that have a session now. */
  readonly viewers: () => readonly string[];
  /** Resolves when nothing sends from the ports of the threads before any more. */
  readonly portsFree: () => Promise<void>;
  /** Nobody goes on with this one. */
  readonly onLost: (viewerId: string) => void;
  readonly onDone: (report: HandOverReport) => void;
}

export interface HandOvers {
  /** What the thread reports. */
  saw(event: ActorEvent): void;
  /** The thread is gone, and another one will come. */
  threadLost(): void;
  /** Gives the new thread what is kept. Never rejects: a thread that dies meanwhile leaves it to the next one. */
  giveTo(thread: { readonly actor: Pick<StreamActor, 'takeOver'> }): Promise<void>;
  /** No other thread will come: ports are free again. */
  release(): void;
  /** Null: there was none. */
  readonly last: HandOverReport | null;
}

/** A thread that lives and could not take over will not do so: its viewers must be told. Null: it may have, or another one will. */
function noneIfRefused(error: unknown): readonly string[] | null {
  const code = rowOf(error);
  return code === 'actor.dead' || code === 'actor.timeout' ? null : [];
}

export function createHandOvers({ nowMs, viewers, portsFree, onLost, onDone }: HandOverOptions): HandOvers {
  const kept = createKeptSessions<HeldPort, SessionRecord>();
  let lost: { readonly atMs: number; readonly sinceMs: number; readonly viewers: number } | null = null;
  let last: HandOverReport | null = null;

  /** Of those that are there still. */
  const toGive = () => {
    const present = new Set(viewers());
    return kept.all.map(({ port, sessions }) => ({
      port,
      sessions: sessions.filter(({ viewerId }) => present.has(viewerId)),
    }));
  };

  const release = (): void => {
    for (const { port, sessions } of kept.all) {
      for (const { viewerId } of sessions) kept.forget(viewerId);
      kept.closed(port);
      releasePort(port);
    }
  };

  return {
    saw(event) {
      if (event.kind === 'port.opened') kept.opened(event.held);
      else if (event.kind === 'port.closed') kept.closed(event.held);
      else if (event.kind === 'viewer.session') kept.keep(event.viewerId, event.session);
      else if (event.kind === 'viewer.ended') kept.forget(event.viewerId);
    },
    threadLost() {
      const present = viewers();
      // One that dies before it has taken over leaves the time of the first.
      lost ??= { atMs: Date.now(), sinceMs: nowMs(), viewers: present.length };
      for (const viewerId of present) if (!kept.has(viewerId)) onLost(viewerId);
    },
    async giveTo(thread) {
      await portsFree();
      const handOvers = toGive();
      if (handOvers.every(({ sessions }) => sessions.length === 0)) {
        release();
        lost = null;
        return;
      }
      const goOn = await thread.actor.takeOver(handOvers).catch(noneIfRefused);
      // Dead, or it does not answer: the watchdog will see to that.
      if (goOn === null) return;
      for (const { viewerId } of handOvers.flatMap(({ sessions }) => sessions)) {
        if (goOn.includes(viewerId)) continue;
        kept.forget(viewerId);
        onLost(viewerId);
      }
      if (lost === null) return;
      const { atMs, sinceMs, viewers: before } = lost;
      const gapMs = Math.round(nowMs() - sinceMs);
      last = { atMs, gapMs, viewersKept: goOn.length, viewersLost: before - goOn.length };
      lost = null;
      onDone(last);
    },
    release,
    get last() {
      return last;
    },
  };
}
