/** An endpoint's share in the one port of all streams: sockets to send from, and the inbox of what comes for it. */
import { Socket } from 'node:net';
import { readThrown, SluiceError } from '../../src/errors.js';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import type { Share } from './inbox.js';
import type { MediaPort, MediaPorts, MediaPortsOptions } from './media-port.js';
import type { SharedReceiver } from './receiver.js';
import { createTcpConnections } from './tcp-connections.js';

/** Error: config.invalid (the add-on is missing; the port cannot be bound). */
export function openSharedPorts(options: MediaPortsOptions, { number: inbox, descriptor }: Share): MediaPorts {
  const { webrtc, inherited } = options;
  const { shared } = options.receiver;
  if (shared === null) throw new SluiceError('config.invalid', 'webrtc.singlePort needs the add-on');
  const closeInbox = shared.openInbox(descriptor);
  const ports: MediaPort[] = [];
  const close = async (): Promise<void> => {
    closeInbox();
    await Promise.all(ports.map((port) => port.close()));
  };
  try {
    for (const address of webrtc.listen) ports.push(openShared(options, shared, address));
  } catch (error) {
    void close();
    if (inherited === null) nativeThreads()?.closeInbox(inbox);
    throw new SluiceError('config.invalid', `webrtc.singlePort: ${readThrown(error).code}`);
  }
  const port = webrtc.singlePort;
  const sockets = webrtc.listen.map((address) => ({ address, udp: -1, tcp: -1 }));
  return { ports, held: { id: `${port}/${inbox}`, port, inbox, sockets }, close };
}

function openShared(options: MediaPortsOptions, shared: SharedReceiver, address: string): MediaPort {
  const { webrtc, queue, onDatagram } = options;
  const tcp = createTcpConnections({ ...options, address });
  const udp = shared.openPort(address, webrtc.singlePort, queue, onDatagram, (descriptor) => {
    const socket = new Socket({ fd: descriptor, readable: true, writable: true });
    socket.setNoDelay(true);
    tcp.take(socket);
  });
  return {
    address,
    port: udp.port,
    pathTo: udp.pathTo,
    sweep: tcp.sweep,
    async close() {
      tcp.close();
      await udp.close();
    },
  };
}
