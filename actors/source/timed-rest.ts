/** A rest by a timer, as long as it takes the source to send `restBytes`, within limits: the socket is paused meanwhile. */
import type { Socket } from 'node:net';
import { type Rest, restBytes } from './rest.js';

const restMs = { least: 10, most: 200 };

export function createTimedRest(socket: Socket, mayRest: () => boolean): Rest {
  let lengthMs = restMs.least;
  let readBytes = 0;
  let isDue = false;
  let timer: NodeJS.Timeout | undefined;

  const end = (): void => {
    clearTimeout(timer);
    if (timer !== undefined) socket.resume();
    timer = undefined;
  };
  const begin = (): void => {
    isDue = false;
    if (timer !== undefined || !mayRest()) return;
    lengthMs = Math.max(restMs.least, Math.min(restMs.most, (lengthMs * restBytes) / Math.max(1, readBytes)));
    readBytes = 0;
    socket.pause();
    timer = setTimeout(end, lengthMs);
  };

  return {
    read(bytes) {
      readBytes += bytes;
      // After this turn's reads, of which there are as many as it takes.
      if (!isDue) setImmediate(begin);
      isDue = true;
    },
    end,
    close: end,
  };
}
