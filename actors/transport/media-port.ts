/** UDP and TCP at one address under one port number. */
import type { Closable } from './port-search.js';
import type { SendQueue } from './send-queue.js';
import { openTcpPort, type TcpPortOptions } from './tcp-port.js';
import { openUdpPort } from './udp-port.js';

export interface MediaPort extends Closable {
  sweep(): void;
}

export interface MediaPortOptions extends Omit<TcpPortOptions, 'onRefused'> {
  readonly queue: SendQueue;
}

/** `port` 0: any number that UDP and TCP have free. */
export async function openMediaPort(options: MediaPortOptions): Promise<MediaPort> {
  const udp = await openUdpPort(options.address, options.port, options.queue, options.onDatagram);
  try {
    const onRefused = ({ message }: Error): void => options.queue.lost(message);
    const tcp = await openTcpPort({ ...options, port: udp.port, onRefused });
    return {
      port: udp.port,
      sweep: tcp.sweep,
      async close() {
        await Promise.all([udp.close(), tcp.close()]);
      },
    };
  } catch (error) {
    await udp.close();
    throw error;
  }
}
