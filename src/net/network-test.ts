/** At the start: which addresses and ports viewers are given, and what cannot work of them. */
import { createSocket } from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { judgeNetwork, type NetworkProblem } from '../core/diagnosis/network.js';
import { readThrown } from '../errors.js';
import { listenAddresses } from './listen-addresses.js';
import { askPublicAddress } from './public-address.js';

interface NetworkTestOptions {
  readonly listen: readonly string[];
  readonly interfaces: readonly string[];
  readonly announce: readonly string[];
  readonly stunServer: string;
  readonly portMin: number;
  readonly portMax: number;
  readonly maxStreams: number;
}

export interface NetworkState {
  /** What viewers are given: as configured, or as learned. */
  readonly offered: readonly string[];
  /** As webrtc.announce is to be; empty: the addresses of this machine. */
  readonly announce: readonly string[];
  readonly problems: readonly NetworkProblem[];
}

/** Of the range, from its end: streams begin anywhere. */
const maxTries = 16;
/** Numbers that are taken say nothing of the others. */
const taken = new Set(['EADDRINUSE']);

export async function testNetwork(options: NetworkTestOptions): Promise<NetworkState> {
  const { portMin, portMax, stunServer, maxStreams } = options;
  const addresses =
    options.listen.length > 0 ? options.listen : listenAddresses(networkInterfaces(), options.interfaces);
  const bound = await Promise.all(
    addresses.map(async (address) => {
      const found = await freePort(address, portMin, portMax);
      return { address, port: found.port, failure: found.failure };
    }),
  );
  const asking = stunServer === '' ? [] : bound.filter(({ address, failure }) => failure === '' && isIPv4(address));
  const stun = await Promise.all(
    asking.map(({ address, port }) => askPublicAddress({ server: stunServer, address, port })),
  );
  const learned = [...new Set(stun.flatMap((found) => found?.mapped.address ?? []))];
  const announce =
    options.announce.length > 0 || learned.length === 0 ? options.announce : [...new Set([...learned, ...addresses])];
  const offered = announce.length > 0 ? announce : addresses;
  const facts = { bound, offered, portMin, portMax, maxStreams, ephemeral: ephemeralPorts(), stun };
  return { offered, announce, problems: judgeNetwork(facts) };
}

/** A number of the range that UDP and TCP have free there. */
async function freePort(address: string, portMin: number, portMax: number): Promise<{ port: number; failure: string }> {
  let failure = '';
  for (let port = portMax; port >= Math.max(portMin, portMax - maxTries + 1); port -= 1) {
    const why = (await udpFailure(address, port)) ?? (await tcpFailure(address, port));
    if (why === null) return { port, failure: '' };
    failure = `port ${port}: ${why}`;
    if (!taken.has(why)) break;
  }
  return { port: 0, failure };
}

const udpFailure = (address: string, port: number): Promise<string | null> =>
  failureOf(createSocket(isIPv4(address) ? 'udp4' : 'udp6'), (socket) =>
    socket.bind({ address, port, exclusive: true }),
  );

const tcpFailure = (address: string, port: number): Promise<string | null> =>
  failureOf(createServer(), (server) => server.listen({ host: address, port, exclusive: true }));

/** The code of the error; null: it listens. */
async function failureOf<T extends EventEmitter & { close(): unknown }>(
  socket: T,
  listen: (socket: T) => unknown,
): Promise<string | null> {
  const listening = once(socket, 'listening');
  listen(socket);
  try {
    await listening;
    return null;
  } catch (error) {
    return readThrown(error).code;
  } finally {
    socket.close();
  }
}

/** ip(7); the same for IPv6. */
function ephemeralPorts(): readonly [number, number] | null {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1')
      .trim()
      .split(/\s+/)
      .map(Number);
    return low === undefined || high === undefined ? null : [low, high];
  } catch {
    return null;
  }
}
