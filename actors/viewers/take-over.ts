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
  /** Gives the ids of those that go on. Who does not keeps its seat. `sameHistories`: as Viewers.resume. */
  run(handOvers: readonly HandOver[], sameHistories: boolean): Promise<ReadonlySet<string>>;
  /** One is about to begin, and is done when this resolves: until then no thread answers for its viewers. Never rejects. */
  expect(coming: Promise<unknown>): void;
  /** Resolves when none is under way. */
  readonly done: Promise<void>;
}

export function createTakeOver({ seats, viewers, onSeated, log }: TakeOverOptions): TakeOver {
  let done = Promise.resolve();
  const expect = (coming: Promise<unknown>): void => {
    done = Promise.all([done, coming]).then(() => {});
  };

  const adopt = async (handOver: HandOver, sameHistories: boolean): Promise<readonly string[]> => {
    const goOn: string[] = [];
    const resumed = (viewer: Viewer): void => {
      const seat = seats.get(viewer.viewerId);
      if (seat === undefined) {
        // It has left meanwhile.
        viewer.leave();
        return;
      }
      seat.session = sessionOf(viewer);
      seat.isConnected = true;
      seat.listener.hear(viewer.audioEncoding);
      goOn.push(viewer.viewerId);
    };
    try {
      for (const { viewerId } of handOver.sessions) onSeated(seats.get(viewerId) ?? seats.sit(viewerId));
      await viewers.takeOver(handOver, sameHistories, resumed);
    } catch (error) {
      const { port, sessions } = handOver;
      const detail = readThrown(error).message;
      log('error', 'viewers.notTakenOver', { port: port.id, viewers: sessions.length, detail });
    }
    return goOn;
  };

  return {
    async run(handOvers, sameHistories) {
      const adopting = Promise.all(handOvers.map((handOver) => adopt(handOver, sameHistories)));
      expect(adopting);
      return new Set((await adopting).flat());
    },
    expect,
    get done() {
      return done;
    },
  };
}
