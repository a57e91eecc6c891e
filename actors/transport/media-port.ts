/** UDP and TCP at one address under one port number. */
import { copyHeld } from '../../src/threads/native/held-port.js';
import type { HeldPort, HeldSockets } from '../session-record.js';
import type { ActorSettings } from '../settings.js';
import type { Share } from './inbox.js';
import type { Closable } from './port-search.js';
import type { Receiver } from './receiver.js';
import type { OnDatagram } from './route.js';
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

export interface MediaPortsOptions {
  readonly webrtc: ActorSettings['webrtc'];
  /** Of a thread that is gone, to go on with; null: new ones. */
  readonly inherited: HeldPort | null;
  /** In the port of all streams; null: it has one of its own. */
  readonly share: Share | null;
  readonly receiver: Receiver;
  readonly queue: SendQueue;
  readonly nowMs: () => number;
  readonly onDatagram: OnDatagram;
  /** The connection with this key is gone. */
  readonly onGone: (key: string) => void;
}

export interface MediaPorts {
  /** By address. */
  readonly ports: readonly MediaPort[];
  readonly held: HeldPort;
  close(): Promise<void>;
}

/** A port of this thread's own. `port` 0: any number that UDP and TCP have free. */
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
