/** The ways of sending one stream to many viewers that the bench compares. */

import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { RtpHeader } from 'werift';
import { createFanout } from '../../../actors/fanout/choose-fanout.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';
import { randomSrtpKeys, weriftSession } from '../../support/rtp/rtp-receiver.js';
import { packetsPerFrame, payloadBytes, publishFrame } from './load.js';
import { connectPeers } from './werift-peers.js';

type Profile = SrtpKeys['profile'];

/** Sends so many frames to every viewer; resolves when they have left, with the number of packets. */
export type Sender = (frames: number) => Promise<number>;
export type OpenSender = (profile: Profile, ports: readonly number[]) => Promise<Sender>;

interface Outlet {
  readonly socket: Socket;
  send(port: number, datagram: Uint8Array): boolean;
  /** Resolves when all that was sent has left. */
  drained(): Promise<void>;
}

/** Without a look-up, as actors/transport/udp-port.ts has its sockets. */
const lookup = (host: string, _options: unknown, found: (error: null, address: string, family: number) => void): void =>
  found(null, host, 4);

async function openOutlet(options: Partial<SocketOptions> = {}): Promise<Outlet> {
  const socket = createSocket({ type: 'udp4', ...options });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  let waiting = 0;
  return {
    socket,
    send(port, datagram) {
      waiting += 1;
      socket.send(datagram, port, '127.0.0.1', () => {
        waiting -= 1;
      });
      return true;
    },
    async drained() {
      do await new Promise(setImmediate);
      while (waiting > 0);
    },
  };
}

const openFanout =
  (kind: 'native' | 'js'): OpenSender =>
  async (profile, ports) => {
    const { socket, send, drained } = await openOutlet({ lookup });
    const histories = {
      audio: createRtpHistory({ maxBytes: 65_536, maxPackets: 1024 }),
      video: createRtpHistory({ maxBytes: 4_194_304, maxPackets: 8192 }),
    };
    const fanout = createFanout(kind, histories);
    const localPort = socket.address().port;
    const onBlocked = (): never => {
      throw new Error('loopback has a queue that is full');
    };
    for (const port of ports) {
      fanout.add({
        keys: randomSrtpKeys(profile),
        numbers: new SessionNumbers(),
        send: (datagram) => send(port, datagram),
        route: () => ({ localAddress: '127.0.0.1', localPort, address: '127.0.0.1', port }),
        audio: null,
        video: { ssrc: 1, payloadType: 102, rtx: null },
        twcc: null,
        onBlocked,
      });
    }
    return async (frames) => {
      for (let frame = 0; frame < frames; frame += 1) {
        publishFrame(histories.video, frame);
        const { end } = histories.video;
        for (let from: number | null = 0; from !== null; ) from = fanout.serve('video', from, end, 2);
        if (fanout.kind === 'js') await drained();
      }
      return frames * packetsPerFrame * ports.length;
    };
  };

/** As a plain werift sender does it: a header, `SrtpSession.encrypt` and a datagram for each packet and viewer. */
const openWerift: OpenSender = async (profile, ports) => {
  const { send, drained } = await openOutlet();
  const payload = Buffer.alloc(payloadBytes);
  const viewers = ports.map((port) => ({ port, srtp: weriftSession(randomSrtpKeys(profile)) }));
  let packet = 0;
  return async (frames) => {
    for (let frame = 0; frame < frames; frame += 1) {
      for (let n = 0; n < packetsPerFrame; n += 1, packet += 1) {
        const marker = n === packetsPerFrame - 1;
        for (const { port, srtp } of viewers) {
          const sequenceNumber = packet % 0x1_0000;
          const header = new RtpHeader({ sequenceNumber, timestamp: frame * 3000, ssrc: 1, payloadType: 102, marker });
          send(port, srtp.encrypt(payload, header));
        }
      }
      await drained();
    }
    return frames * packetsPerFrame * ports.length;
  };
};

/** test/bench/native/floor.c, which test/run.mjs builds. */
const openFloor: OpenSender = async (profile, ports) => {
  type Floor = (profile: number, packets: number, bytes: number, frames: number, ports: Uint16Array) => number;
  const { floor }: { readonly floor: Floor } = createRequire(import.meta.url)(resolve('.build/bench/floor.node'));
  const profileNumber = profile === 'AEAD_AES_128_GCM' ? 0 : 1;
  return async (frames) => floor(profileNumber, packetsPerFrame, payloadBytes, frames, Uint16Array.from(ports));
};

/** They negotiate their profile themselves, and joining takes them long: fewer of them. */
const openPeers: OpenSender = (_profile, ports) => connectPeers(Math.min(20, ports.length));

export const senders: Readonly<Record<string, OpenSender>> = {
  floor: openFloor,
  native: openFanout('native'),
  js: openFanout('js'),
  werift: openWerift,
  'werift peers': openPeers,
};
