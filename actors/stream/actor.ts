/** What the stream's actor does when main calls: the whole of its contract on one screen. */
import { SluiceError } from '../../src/errors.js';
import type { StreamActor } from '../contract.js';
import type { DrillTools } from '../runtime/drills.js';
import type { Pipeline } from './pipeline.js';
import type { Drills } from './stream-code.js';

export interface ActorOptions extends DrillTools {
  readonly pipeline: Pipeline;
  /** Null where none are allowed. */
  readonly drills: Promise<Drills> | null;
  /** Called after everything is stopped and before the answer to `stop` is on its way. */
  readonly onStopped: () => void;
}

/**
 * Of what others of the stream live on: half done, it would leave them with nothing, and nobody would be told. So a bug in it ends the
 * thread, and the supervisor starts another. A SluiceError is an answer.
 */
async function orCrash<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof SluiceError)) {
      setImmediate(() => {
        throw error;
      });
    }
    throw error;
  }
}

export function createActor(options: ActorOptions): StreamActor {
  const { pipeline, drills, guard, log, onStopped } = options;
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
    handOver: () => orCrash(async () => pipeline.viewers.handOver()),
    keyframe: () => pipeline.keyframe(),
    fragments: (by) => orCrash(async () => ({ port: await pipeline.takers.openFragments(by) })),
    packets: (wish) => orCrash(async () => ({ port: pipeline.takers.openPackets(wish) })),
    addPlayer: (held, epoch) => orCrash(async () => pipeline.takers.players.add(held, epoch)),
    endLinks: (epoch) => orCrash(async () => pipeline.takers.players.endLinks(epoch)),
    tellNodes: (payload) => orCrash(async () => pipeline.takers.players.tell({ kind: 'event', payload })),
    pointTo: (place) => orCrash(async () => pipeline.pointTo(place)),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
    inject: async (fault) => {
      if (drills === null) throw new SluiceError('control.forbidden', 'supervisor.faultInjection is off');
      const { drills: byFault } = await drills;
      // After the answer is out, so that the drill is known to have begun.
      setImmediate(() => {
        if (fault === 'shard') pipeline.viewers.breakShard('throw');
        else if (fault === 'shardHang') pipeline.viewers.breakShard('hang');
        else byFault[fault]({ guard, log });
      });
    },
  };
}
