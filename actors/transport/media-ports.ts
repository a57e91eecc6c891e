/** What an endpoint is reached at: a port of its own, or its share in the one of all streams (webrtc.singlePort). */
import { networkInterfaces } from 'node:os';
import { listenAddresses } from '../../src/net/listen-addresses.js';
import { holdPort } from '../../src/threads/native/held-port.js';
import { type MediaPorts, type MediaPortsOptions, openMediaPort } from './media-port.js';
import { openOnFreePort } from './port-search.js';
import { openSharedPorts } from './shared-ports.js';

/** Errors: viewer.limit (no port free), config.invalid (an address of webrtc.listen that cannot be bound). */
export async function openMediaPorts(options: MediaPortsOptions): Promise<MediaPorts> {
  const { webrtc, inherited, share } = options;
  if (share !== null) return openSharedPorts(options, share);
  const configured = webrtc.listen.length > 0 ? webrtc.listen : listenAddresses(networkInterfaces(), webrtc.interfaces);
  const addresses = inherited?.sockets.map(({ address }) => address) ?? configured;
  const range = inherited === null ? webrtc : { portMin: inherited.port, portMax: inherited.port };
  const ports = await openOnFreePort(addresses, range, (address, port) => {
    const held = inherited?.sockets.find((socket) => socket.address === address) ?? null;
    return openMediaPort({ ...options, address, port, held });
  });
  return {
    ports,
    held: inherited ?? (await holdPort(ports)),
    async close() {
      await Promise.all(ports.map((port) => port.close()));
    },
  };
}
