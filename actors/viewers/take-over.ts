/** Goes on with the viewers of threads that are gone, in the stream's own thread. */
import { readThrown } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { HandOver } from '../session-record.js';
import type { LocalViewers } from './local-viewers.js';
import type { Seats, ViewerSeat } from './seats.js';
import { sessionOf } from './session.js';
import type { Viewer } from './viewer.js';

export interface TakeOverOptions {
  readonly seats: Seats;
  readonly viewers: Pick<LocalViewers, 'takeOver'>;
  /** It sits on the stream's own thread from now on. */
  readonly onSeated: (seat: ViewerSeat) => void;
  readonly log: Logger;
}

export interface TakeOver {
  /** Gives the ids of those that go on. Who does not keeps its seat. */
  run(handOvers: readonly HandOver[]): Promise<ReadonlySet<string>>;
  /** Resolves when none is under way. */
  readonly done: Promise<unknown>;
}

export function createTakeOver({ seats, viewers, onSeated, log }: TakeOverOptions): TakeOver {
  let done: Promise<unknown> = Promise.resolve();

  /** False: it has left meanwhile. */
  const goesOn = (viewer: Viewer): boolean => {
    const seat = seats.get(viewer.viewerId);
    if (seat === undefined) {
      viewer.leave();
      return false;
    }
    seat.session = sessionOf(viewer);
    seat.listener.hear(viewer.audioEncoding);
    return true;
  };

  const adopt = async (handOver: HandOver): Promise<readonly Viewer[]> => {
    try {
      for (const { viewerId } of handOver.sessions) onSeated(seats.get(viewerId) ?? seats.sit(viewerId));
      return (await viewers.takeOver(handOver)).filter(goesOn);
    } catch (error) {
      const { port, sessions } = handOver;
      const detail = readThrown(error).message;
      log('error', 'viewers.notTakenOver', { port: port.port, viewers: sessions.length, detail });
      return [];
    }
  };

  return {
    async run(handOvers) {
      const adopting = Promise.all(handOvers.map(adopt));
      done = adopting;
      return new Set((await adopting).flat().map(({ viewerId }) => viewerId));
    },
    get done() {
      return done;
    },
  };
}
