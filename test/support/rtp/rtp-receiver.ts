import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { RtpHeader, SrtpSession } from 'werift';
import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';

export interface ReceivedRtp {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly payload: Buffer;
  /** Header extensions: their bytes in hexadecimal by their numbers. */
  readonly extensions: Readonly<Record<number, string>>;
  /** As it came over the wire. */
  readonly datagram: Buffer;
}

const profileNumbers = { AEAD_AES_128_GCM: 7, AES_CM_128_HMAC_SHA1_80: 1 } as const;

export function randomSrtpKeys(profile: SrtpKeys['profile']): SrtpKeys {
  const saltBytes = profile === 'AEAD_AES_128_GCM' ? 12 : 14;
  return {
    profile,
    localKey: randomBytes(16),
    localSalt: randomBytes(saltBytes),
    remoteKey: randomBytes(16),
    remoteSalt: randomBytes(saltBytes),
  };
}

/** werift's SRTP of the side that has these keys. */
export const weriftSession = ({ profile, localKey, localSalt, remoteKey, remoteSalt }: SrtpKeys): SrtpSession =>
  new SrtpSession({
    keys: {
      localMasterKey: Buffer.from(localKey),
      localMasterSalt: Buffer.from(localSalt),
      remoteMasterKey: Buffer.from(remoteKey),
      remoteMasterSalt: Buffer.from(remoteSalt),
    },
    profile: profileNumbers[profile],
  });

/** Throws for a packet that is not authentic. */
export function openRtp(session: SrtpSession, datagram: Buffer): ReceivedRtp {
  const plain = session.decrypt(datagram);
  const header = RtpHeader.deSerialize(plain);
  return {
    sequence: header.sequenceNumber,
    timestamp: header.timestamp,
    marker: header.marker,
    payloadType: header.payloadType,
    ssrc: header.ssrc,
    payload: Buffer.from(plain.subarray(header.payloadOffset)),
    extensions: Object.fromEntries(header.extensions.map(({ id, payload }) => [id, payload.toString('hex')])),
    datagram: Buffer.from(datagram),
  };
}

/** A UDP socket on loopback that opens SRTP with another implementation than ours (werift). */
export interface RtpReceiver {
  readonly port: number;
  /** Resolves when so many packets have come in all, with all of them. */
  packets(count: number): Promise<readonly ReceivedRtp[]>;
  close(): void;
}

export async function openRtpReceiver(keys: SrtpKeys, address = '127.0.0.1'): Promise<RtpReceiver> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(0, address);
  await once(socket, 'listening');
  const { profile, localKey, localSalt, remoteKey, remoteSalt } = keys;
  const mirrored = { profile, localKey: remoteKey, localSalt: remoteSalt, remoteKey: localKey, remoteSalt: localSalt };
  const opened = weriftSession(mirrored);
  const received: ReceivedRtp[] = [];
  let wake = (): void => {};
  socket.on('message', (datagram: Buffer, _from: RemoteInfo) => {
    received.push(openRtp(opened, datagram));
    wake();
  });
  return {
    port: socket.address().port,
    packets: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${received.length} of ${count} packets came`)), 5000);
        wake = () => {
          if (received.length < count) return;
          clearTimeout(timer);
          resolve(received);
        };
        wake();
      }),
    close: () => socket.close(),
  };
}
