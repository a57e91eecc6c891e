/** What the thread of a pull reports, and how its viewers learn of it. */
import type { ActorEvent, ViewerEvent } from '../../actors/contract.js';
import type { ErrorCode } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import type { DataRing, SourceData } from './data-ring.js';
import type { StatusOfPull } from './pull-status.js';
import type { PullThreadOptions } from './pull-thread.js';
import type { ViewerIndex } from './viewer-index.js';

interface ReceiverParts {
  readonly pullId: string;
  readonly viewers: ViewerIndex;
  readonly data: DataRing;
  readonly status: StatusOfPull;
  readonly onSourceState: (event: ActorEvent & { readonly kind: 'source.state' }) => void;
  /** RTMP players have come or gone. */
  readonly onPlayers: () => void;
}

/** Takes what the thread reports. */
export function createReceiver(parts: ReceiverParts): PullThreadOptions['onEvent'] {
  const { pullId, viewers, data, status, onPlayers } = parts;
  return (event) => {
    switch (event.kind) {
      case 'viewer.connected':
      case 'viewer.lowered':
      case 'viewer.ended':
        return passOn(viewers, event);
      case 'viewer.session':
      case 'port.opened':
      case 'port.closed':
        return;
      case 'players.changed':
        status.update({ players: event.players });
        return onPlayers();
      case 'source.playing':
        return status.update({ playing: event.index, remoteSessionId: event.remoteSessionId });
      case 'source.data': {
        const received = readData(event);
        data.add(received, event.values.length);
        return viewers.sourceData(pullId, received);
      }
      case 'source.told':
        if (event.call.kind === 'event') return viewers.event(pullId, JSON.parse(event.call.payload));
        return noteDelay(status, event.call.delayMs);
      case 'source.media':
        status.update({ media: event.media });
        // A thread that takes over learns of one track after the other: viewers are told when all is known.
        if (status.current.state === 'PROCESSED_REMOTE') viewers.mediaChanged(pullId, event.media);
        return;
      case 'source.state':
        if (status.current.isOver) return;
        parts.onSourceState(event);
        if (event.state === 'PROCESSED_REMOTE') viewers.mediaChanged(pullId, status.current.media);
        return;
    }
  };
}

/** It is reported every second: a hardly different one is not passed on. */
const leastNewsMs = 0.5;
const leastNewsShare = 0.1;

function noteDelay(status: StatusOfPull, measuredMs: number): void {
  const delayMs = Math.round(measuredMs * 10) / 10;
  const beforeMs = status.current.linkDelayMs;
  const changeMs = beforeMs === null ? Number.POSITIVE_INFINITY : Math.abs(delayMs - beforeMs);
  if (changeMs > Math.max(leastNewsMs, leastNewsShare * delayMs)) status.update({ linkDelayMs: delayMs });
}

export function endSessions(viewers: ViewerIndex, pullId: string, thread: ActorThread | null, reason: ErrorCode): void {
  for (const viewerId of viewers.sessionsOf(pullId)) {
    thread?.actor.leave(viewerId, 'source').catch(() => {});
    viewers.end(viewerId, reason);
  }
}

function passOn(viewers: ViewerIndex, event: Exclude<ViewerEvent, { readonly kind: 'viewer.session' }>): void {
  switch (event.kind) {
    case 'viewer.connected':
      viewers.connected(event.viewerId, event.iceMs, event.dtlsMs);
      break;
    case 'viewer.lowered':
      viewers.lowered(event.viewerId, event.sourceKbps, event.estimateKbps);
      break;
    case 'viewer.ended':
      viewers.end(event.viewerId, event.reason);
      break;
  }
}

function readData(event: ActorEvent & { readonly kind: 'source.data' }): SourceData {
  const values: unknown = JSON.parse(event.values);
  const { name, timestampMs, receivedMs } = event;
  return { name, values: Array.isArray(values) ? values : [], timestampMs, receivedMs };
}
