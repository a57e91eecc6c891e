/** The sockets that take media, of all streams: what waits for those that do not read is looked at now and then, and bounded. */
import { type BacklogRules, overBacklog } from '../core/guard/backlog.js';
import type { Logger } from '../log-line.js';

export interface MediaBacklog {
  add(socket: BackloggedSocket): void;
  remove(socket: BackloggedSocket): void;
  close(): void;
}

export interface BackloggedSocket {
  readonly clientIp: string;
  getBufferedAmount(): number;
  /** Closes it at once: what waits is thrown away. */
  cut(): void;
}

const lookEveryMs = 1000;
/** A client's: eight that read nothing, or two hundred with some 0.3 s of 10 Mbit/s each. */
const backlogRules: BacklogRules = { maxBytes: 536_870_912, maxPerClientBytes: 67_108_864 };

export function createMediaBacklog(log: Logger): MediaBacklog {
  const sockets = new Set<BackloggedSocket>();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const waiting = [...sockets].map((socket) => ({
      socket,
      clientIp: socket.clientIp,
      bytes: socket.getBufferedAmount(),
    }));
    const over = overBacklog(waiting, backlogRules);
    for (const { socket } of over) socket.cut();
    const [first] = over;
    if (first !== undefined) log('warn', 'server.playersCut', { players: over.length, clientIp: first.clientIp });
  };
  return {
    add(socket) {
      sockets.add(socket);
      timer ??= setInterval(look, lookEveryMs);
    },
    remove(socket) {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
    close: () => clearInterval(timer),
  };
}
