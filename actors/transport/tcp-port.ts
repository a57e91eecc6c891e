/** The listening socket of ICE-TCP (tcp-connections.ts). */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createTcpConnections, type TcpConnections, type TcpConnectionsOptions } from './tcp-connections.js';

export interface TcpPort extends Pick<TcpConnections, 'sweep'> {
  close(): Promise<void>;
}

export interface TcpPortOptions extends TcpConnectionsOptions {
  readonly port: number;
  /** Of a socket that listens there already; -1: none. */
  readonly descriptor: number;
  /** A connection that could not be taken: no descriptor was left, for example. */
  readonly onRefused: (error: Error) => void;
}

export async function openTcpPort(options: TcpPortOptions): Promise<TcpPort> {
  const connections = createTcpConnections(options);
  const server = createServer({ noDelay: true }, connections.take);
  const listening = once(server, 'listening');
  const { address: host, port, descriptor } = options;
  server.listen(descriptor >= 0 ? { fd: descriptor } : { host, port, ipv6Only: true, exclusive: true });
  await listening;
  server.on('error', options.onRefused);
  return {
    sweep: connections.sweep,
    async close() {
      const closed = once(server, 'close');
      server.close();
      connections.close();
      await closed;
    },
  };
}
