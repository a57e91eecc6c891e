/** What the stream's actor does when main calls: the whole of its contract on one screen. */
import { SluiceError } from '../../src/errors.js';
import type { StreamActor } from '../contract.js';
import { type DrillTools, drills } from '../runtime/drills.js';
import type { Pipeline } from './pipeline.js';

export interface ActorOptions extends DrillTools {
  readonly pipeline: Pipeline;
  readonly faultInjection: boolean;
  /** Called after everything is stopped and before the answer to `stop` is on its way. */
  readonly onStopped: () => void;
}

export function createActor({ pipeline, guard, log, faultInjection, onStopped }: ActorOptions): StreamActor {
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await pipeline.stop();
    onStopped();
  };

  return {
    join: (request) => pipeline.viewers.join(request),
    restart: (viewerId, viewerUfrag) => pipeline.viewers.restart(viewerId, viewerUfrag),
    leave: (viewerId, reason) => pipeline.viewers.leave(viewerId, reason),
    stats: () => pipeline.stats(),
    takeOver: (handOvers) => pipeline.viewers.takeOver(handOvers),
    handOver: () => pipeline.viewers.handOver(),
    keyframe: () => pipeline.keyframe(),
    fragments: async (by) => ({ port: await pipeline.takers.openFragments(by) }),
    packets: async (wish) => ({ port: pipeline.takers.openPackets(wish) }),
    addPlayer: async (held, epoch) => pipeline.takers.players.add(held, epoch),
    endLinks: async (epoch) => pipeline.takers.players.endLinks(epoch),
    pointTo: async (place) => pipeline.pointTo(place),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    inject: async (fault) => {
      if (!faultInjection) throw new SluiceError('control.forbidden', 'supervisor.faultInjection is off');
      // After the answer is out, so that the drill is known to have begun.
      setImmediate(() => {
        if (fault === 'shard') pipeline.viewers.breakShard('throw');
        else if (fault === 'shardHang') pipeline.viewers.breakShard('hang');
        else drills[fault]({ guard, log });
      });
    },
  };
}
