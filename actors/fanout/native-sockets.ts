/** Duplicates of this process's UDP sockets, by their local address: the add-on sends by descriptor. */
import ipaddr from 'ipaddr.js';
import type { UdpRoute } from '../transport/route.js';
import type { NativeFanout } from './native-binding.js';

export interface NativeSockets {
  /** Where the subscriber in this slot is sent to from now on; false when that is no UDP socket of this process. */
  route(slot: number, route: UdpRoute | null): boolean;
  close(): void;
}

const addressBytes = (address: string): Uint8Array => Uint8Array.from(ipaddr.parse(address).toByteArray());

export function createNativeSockets(native: NativeFanout): NativeSockets {
  const sockets = new Map<string, number>();

  const socketOf = ({ localAddress, localPort, descriptor }: UdpRoute): number => {
    const key = `${localAddress} ${localPort}`;
    const known = sockets.get(key);
    if (known !== undefined) return known;
    const address = addressBytes(localAddress);
    const found =
      descriptor === undefined
        ? native.findSocket(address, localPort)
        : native.copySocket(descriptor, address, localPort);
    if (found >= 0) sockets.set(key, found);
    return found;
  };

  return {
    route(slot, route) {
      const socket = route === null ? -1 : socketOf(route);
      if (route === null || socket < 0) return false;
      native.setRoute(slot, socket, addressBytes(route.address), route.port);
      return true;
    },
    close() {
      for (const socket of sockets.values()) native.closeSocket(socket);
      sockets.clear();
    },
  };
}
