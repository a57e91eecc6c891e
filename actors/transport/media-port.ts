/** UDP and TCP at one address under one port number. */

import { copyHeld } from '../../src/threads/native/held-port.js';
import type { HeldSockets } from '../session-record.js';
import type { Closable } from './port-search.js';
import type { Receiver } from './receiver.js';
import type { SendQueue } from './send-queue.js';
import { openTcpPort, type TcpPortOptions } from './tcp-port.js';
import type { UdpPort } from './udp-port.js';

export interface MediaPort extends Closable, Pick<UdpPort, 'pathTo'> {
  /** That it is bound to. */
  readonly address: string;
  sweep(): void;
}

export interface MediaPortOptions extends Omit<TcpPortOptions, 'onRefused' | 'descriptor'> {
  readonly receiver: Pick<Receiver, 'openUdp'>;
  readonly queue: SendQueue;
  /** Sockets that another thread had, to be used in place of new ones; null: none. */
  readonly held: HeldSockets | null;
}

/** `port` 0: any number that UDP and TCP have free. */
export async function openMediaPort(options: MediaPortOptions): Promise<MediaPort> {
  const { address, held, queue } = options;
  const udp = await options.receiver.openUdp(address, options.port, copyHeld(held?.udp), queue, options.onDatagram);
  try {
    const onRefused = ({ message }: Error): void => queue.lost(message);
    const tcp = await openTcpPort({ ...options, port: udp.port, descriptor: copyHeld(held?.tcp), onRefused });
    return {
      address,
      port: udp.port,
      pathTo: udp.pathTo,
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
