/** A relay of TCP on loopback by which everything takes longer. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SlowRelay {
  close(): void;
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** `delayMs`: each way, at least. */
export async function openSlowRelay(at: Place, toPort: number, delayMs: number): Promise<SlowRelay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket.setNoDelay(true);
  };
  /** In order: each piece has the same delay. */
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs));
    from.on('close', () => setTimeout(() => to.destroy(), delayMs));
  };
  const server = createServer((near) => {
    const far = keep(connect(toPort, at.host));
    pass(keep(near), far);
    pass(far, near);
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  return {
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
