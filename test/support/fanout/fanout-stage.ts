/** Both fan-outs over real sockets, their packets opened by another implementation of SRTP. */

import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { TestContext } from 'node:test';
import type { CreateFanout, Fanout } from '../../../actors/fanout/fanout.js';
import { createFanoutJs } from '../../../actors/fanout/fanout-js.js';
import { createFanoutNative } from '../../../actors/fanout/fanout-native.js';
import { loadNativeFanout } from '../../../actors/fanout/native-binding.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import type { FanoutTrack, Subscriber, SubscriberOptions, SubscriberTrack } from '../../../actors/fanout/subscriber.js';
import { createRtpHistory, type RtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { openRtpReceiver, type RtpReceiver, randomSrtpKeys } from '../rtp/rtp-receiver.js';

export const createNative: CreateFanout = (histories) => {
  const Native = loadNativeFanout();
  // The suite builds the add-on (test/prerequisites.mjs asks for a compiler): not having it is a failure, no reason to skip.
  assert.ok(Native !== null, 'the add-on is built');
  return createFanoutNative(Native, histories);
};

export const implementations = [
  { name: 'js', create: createFanoutJs },
  { name: 'native', create: createNative },
] as const;
export const profiles = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const;

export interface StagedSubscriber {
  readonly receiver: RtpReceiver;
  readonly subscriber: Subscriber;
  readonly audio: SubscriberTrack;
  readonly video: SubscriberTrack;
  /** What it was added with. */
  readonly options: SubscriberOptions;
  /** False: it is reached by `send` alone from now on. */
  setRoute(isUdp: boolean): void;
}

export interface FanoutStage {
  readonly fanout: Fanout;
  readonly histories: { readonly audio: RtpHistory; readonly video: RtpHistory };
  /** `twccId`: its packets have transport-wide numbers in a header extension of that number. */
  add(profile?: (typeof profiles)[number], rtx?: FanoutTrack['rtx'], twccId?: number | null): Promise<StagedSubscriber>;
  /** The tracks of which a datagram was not taken. */
  readonly blocked: readonly string[];
}

export async function setUp(t: TestContext, create: CreateFanout, address = '127.0.0.1'): Promise<FanoutStage> {
  const histories = {
    audio: createRtpHistory({ maxBytes: 65_536, maxPackets: 1024 }),
    video: createRtpHistory({ maxBytes: 1_048_576, maxPackets: 4096 }),
  };
  const socket: Socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const fanout = create(histories);
  const receivers: RtpReceiver[] = [];
  const blocked: string[] = [];
  t.after(() => {
    fanout.close();
    socket.close();
    for (const receiver of receivers) receiver.close();
  });
  return {
    fanout,
    histories,
    blocked,
    async add(profile = 'AEAD_AES_128_GCM', rtx = null, twccId = null) {
      const keys = randomSrtpKeys(profile);
      const receiver = await openRtpReceiver(keys, address);
      receivers.push(receiver);
      const localPort = socket.address().port;
      let isByUdp = true;
      const options: SubscriberOptions = {
        keys,
        numbers: new SessionNumbers(),
        send: (datagram) => {
          socket.send(datagram, receiver.port, address);
          return true;
        },
        route: () => (isByUdp ? { localAddress: address, localPort, address, port: receiver.port } : null),
        audio: { ssrc: 0x1111_1111, payloadType: 111, rtx: null },
        video: { ssrc: 0x8222_2222, payloadType: 102, rtx },
        twcc: twccId === null ? null : { id: twccId, limits: () => ({ minBps: 1e5, maxBps: 1e7 }) },
        onBlocked: (track) => blocked.push(track),
      };
      const subscriber = fanout.add(options);
      return {
        receiver,
        subscriber,
        ...tracksOf(subscriber),
        options,
        setRoute(isUdp) {
          isByUdp = isUdp;
        },
      };
    },
  };
}

export const tracksOf = ({ audio, video }: Subscriber) => ({
  audio: audio ?? assert.fail('no audio'),
  video: video ?? assert.fail('no video'),
});

/** A frame of packets of these sizes, each payload told apart by its first bytes. */
export function publish(history: RtpHistory, rtpTs: number, sizes: readonly number[], startsGop = false): void {
  sizes.forEach((payloadBytes, n) => {
    const packet = history.end;
    const payload = history.append({
      payloadBytes,
      rtpTs,
      marker: n === sizes.length - 1,
      startsGop: startsGop && n === 0,
    });
    payload.fill(packet & 0xff);
    payload.set([packet >> 8, packet & 0xff]);
  });
}

export const idOf = (payload: Buffer): number => payload.readUInt16BE(0);
