/**
 * How long what is sent to another node is on its way, by the round trips of pings (RTMP 1.0 7.1.7) that go out behind its media. Clocks
 * of two machines differ, and an answer finds its way free: of each round trip all but half of the shortest is the way there. Pure.
 */
import { WireError } from '../bytes/wire-error.js';
import { createChunkReader } from './chunk-reader.js';
import { messageTypes, parseUserControl } from './message.js';
import { packPing } from './play-server.js';

export interface LinkClock {
  /** What to send now; null: the answer to the last one is still to come. */
  ping(nowMs: number): Uint8Array | null;
  /** The other side's next bytes, cut anywhere. */
  receive(bytes: Uint8Array, nowMs: number): void;
  /** Null: not known yet. */
  readonly delayMs: number | null;
}

/** Commands and acknowledgements alone come from there. */
const maxMessageBytes = 65_536;
/** With a ping a second: a way that has become another one is known after a minute. */
const tripsKept = 60;
/** One that a busy core made long does not count. */
const tripsJudged = 5;
const timestamps = 2 ** 32;

export function createLinkClock(): LinkClock {
  const reader = createChunkReader({ maxMessageBytes });
  const trips: number[] = [];
  let sent: { readonly timestamp: number; readonly atMs: number } | null = null;
  let pings = 0;
  let isReadable = true;

  const answered = (timestamp: number, nowMs: number): void => {
    if (sent?.timestamp !== timestamp) return;
    trips.push(nowMs - sent.atMs);
    if (trips.length > tripsKept) trips.shift();
    sent = null;
  };

  return {
    ping(nowMs) {
      if (sent !== null || !isReadable) return null;
      pings = (pings + 1) % timestamps;
      sent = { timestamp: pings, atMs: nowMs };
      return packPing(pings);
    },
    receive(bytes, nowMs) {
      if (!isReadable) return;
      try {
        reader.read(bytes, (message) => {
          if (message.typeId !== messageTypes.userControl) return;
          const control = parseUserControl(message);
          if (control.kind === 'pingResponse') answered(control.timestamp, nowMs);
        });
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        // It is sent its media all the same.
        isReadable = false;
      }
    },
    get delayMs() {
      if (trips.length === 0) return null;
      const last = trips.slice(-tripsJudged).sort((a, b) => a - b);
      return (last[last.length >> 1] ?? 0) - Math.min(...trips) / 2;
    },
  };
}
