/** The viewers of one stream by the id that REST and signalling know, from their request to their end. */
import type { AudioListener } from './audio-listeners.js';
import type { Seat } from './serving-threads.js';
import type { Session } from './session.js';

export interface ViewerSeat extends Seat {
  /** Null until it has its answer. */
  session: Session | null;
  isConnected: boolean;
  readonly listener: AudioListener;
}

export interface Seats {
  readonly size: number;
  /** So many have their answers, and are not connected yet. */
  readonly handshaking: number;
  get(viewerId: string): ViewerSeat | undefined;
  sit(viewerId: string): ViewerSeat;
  /** False when it has left before. */
  leave(seat: ViewerSeat): boolean;
}

/** `onWatched`: the first one sits, or the last one has left. */
export function createSeats(newListener: () => AudioListener, onWatched: (isWatched: boolean) => void): Seats {
  const seats = new Map<string, ViewerSeat>();
  return {
    get size() {
      return seats.size;
    },
    get handshaking() {
      return [...seats.values()].filter(({ session, isConnected }) => session !== null && !isConnected).length;
    },
    get: (viewerId) => seats.get(viewerId),
    sit(viewerId) {
      const seat: ViewerSeat = { viewerId, session: null, isConnected: false, listener: newListener() };
      seats.set(viewerId, seat);
      if (seats.size === 1) onWatched(true);
      return seat;
    },
    leave(seat) {
      if (!seats.delete(seat.viewerId)) return false;
      seat.listener.leave();
      if (seats.size === 0) onWatched(false);
      return true;
    },
  };
}
