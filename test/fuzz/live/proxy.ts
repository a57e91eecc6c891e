/** Stands between players and sources, and damages what the sources send. Each connection is a session of its own. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createRandom } from '../../support/random.js';
import { createDamage } from './damage.js';

export interface MutatingProxy {
  readonly port: number;
  /** Begun so far. */
  readonly sessions: number;
  close(): Promise<void>;
}

/** A session is ended after so long at the latest, in ms: it has sent all that its source had. */
const maxSessionMs = 250;

export async function startMutatingProxy(sourcePorts: readonly number[], seed: number): Promise<MutatingProxy> {
  const sockets = new Set<Socket>();
  let sessions = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };

  const server = createServer((player) => {
    const random = createRandom(seed + sessions);
    const source = keep(connect(sourcePorts[sessions % sourcePorts.length] ?? 0, '127.0.0.1'));
    sessions += 1;
    keep(player);
    const damage = createDamage(random);
    const end = (): void => {
      clearTimeout(timer);
      source.destroy();
      if (random() < 0.5) player.end();
      else player.resetAndDestroy();
    };
    const timer = setTimeout(end, 20 + random() * (maxSessionMs - 20));
    player.on('close', end).pipe(source);
    source.on('data', (whole) => {
      const { bytes, isEnd } = damage.pass(whole);
      if (player.writable) player.write(bytes);
      if (isEnd) end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: Number(Object(server.address()).port),
    get sessions() {
      return sessions;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
