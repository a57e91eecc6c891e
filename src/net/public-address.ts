/** Asks a STUN server how an address of this machine looks from outside. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type MappedAddress, readMappedAddress, writeAddressRequest } from '../core/ice/stun-client.js';

export interface MappedSocket {
  /** That was asked from. */
  readonly local: MappedAddress;
  readonly mapped: MappedAddress;
}

interface AskOptions {
  /** "host:port". */
  readonly server: string;
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Of the tries, ms after the first; nobody waits longer than the last of them. */
  readonly triesMs?: readonly number[];
}

/** RFC 8489 6.2.1 doubles from 500 ms on; the start of a server must not wait so long. */
const defaultTriesMs = [0, 200, 600, 1400];

/** Null where no answer came: UDP is blocked, or there is no such server. */
export function askPublicAddress({
  server,
  address,
  port,
  triesMs = defaultTriesMs,
}: AskOptions): Promise<MappedSocket | null> {
  const [, host = '', serverPort = ''] = /^(.*):(\d+)$/.exec(server) ?? [];
  const transactionId = randomBytes(12);
  const request = writeAddressRequest(transactionId);
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' });
    const timers: NodeJS.Timeout[] = [];
    const settle = (found: MappedSocket | null): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.close();
      resolve(found);
    };
    socket.once('error', () => settle(null));
    socket.on('message', (message) => {
      const mapped = readMappedAddress(message, transactionId);
      if (mapped !== null) settle({ local: { address, port: socket.address().port }, mapped });
    });
    socket.bind({ address, port, exclusive: true }, () => {
      for (const afterMs of triesMs.slice(0, -1)) {
        // A name that is not known, or a network that is not reached, is no answer.
        const send = (): void => socket.send(request, Number(serverPort), host.replace(/^\[|\]$/g, ''), () => {});
        timers.push(setTimeout(send, afterMs));
      }
      timers.push(setTimeout(settle, triesMs.at(-1), null));
    });
  });
}
