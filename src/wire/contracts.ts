/** The methods of the contracts between the main thread and actors, for both ends. */
import type { ActorHost, StreamActor } from '../../actors/contract.js';
import type { Methods } from './wire.js';

/** The main thread calls a stream's actor. */
export const streamActor: Methods<StreamActor> = {
  inject: 'timed',
  join: 'timed',
  restart: 'timed',
  leave: 'timed',
  stats: 'timed',
  takeOver: 'timed',
  handOver: 'timed',
  pointTo: 'timed',
  keyframe: 'timed',
  fragments: 'timed',
  addPlayer: 'timed',
  endLinks: 'timed',
  tellNodes: 'timed',
  packets: 'timed',
  stop: 'timed',
};

/** An actor calls the main thread. A port that came too late would be nobody's, and its thread would run on: no deadline. */
export const actorHost: Methods<ActorHost> = {
  resolve: 'timed',
  decodes: 'timed',
  openRendition: 'untimed',
  openShard: 'untimed',
};
