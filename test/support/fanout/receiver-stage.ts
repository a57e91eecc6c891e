/** The receiving half of the add-on alone, with a viewer's socket beside it. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { loadNativeReceiver, type NativeReceiver } from '../../../actors/transport/native-receiver.js';
import { createSrtcpReceiver, createSrtpSender, type SrtpSender } from '../../../src/core/srtp/srtp.js';
import { deriveSessionKeys, type SrtpProfile, srtpProfiles } from '../../../src/core/srtp/srtp-keys.js';
import { randomSrtpKeys } from '../rtp/rtp-receiver.js';
import type { IceCredentials } from '../viewer/media-client.js';

export const Native = loadNativeReceiver() ?? assert.fail('the add-on is not built');
export const priority = 1_853_693_695;
export const loopback = '127.0.0.1';

export interface Told {
  readonly name: number;
  readonly packet: string;
}

export interface ReceiverStage {
  readonly native: NativeReceiver;
  readonly socket: number;
  readonly port: number;
  /** Of the viewer. */
  readonly client: Socket;
  /** What came to the viewer. */
  readonly answers: string[];
  readonly datagrams: string[];
  /** RTCP that was told at once. */
  readonly atOnce: Told[];
  /** What waited, RTCP and, of no bytes, checks. */
  taken(): readonly Told[];
  /** Sends it, and resolves when it has been read. */
  send(datagram: Uint8Array): Promise<void>;
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fence = Buffer.from('fence');

export async function openStage(t: TestContext, waitingBytes = 65_536): Promise<ReceiverStage> {
  const waiting = new Uint8Array(new SharedArrayBuffer(waitingBytes));
  const view = new DataView(waiting.buffer);
  const [datagrams, answers, atOnce]: [string[], string[], Told[]] = [[], [], []];
  let wake = (): void => {};
  const native = new Native(
    waiting,
    (_socket, datagram) => {
      if (fence.equals(datagram)) wake();
      else datagrams.push(hexOf(datagram));
    },
    (name, packet) => atOnce.push({ name, packet: hexOf(packet) }),
    () => assert.fail('nothing comes by TCP'),
  );
  const socket = native.open(loopback, 0, -1, 1_048_576);
  const port = native.portOf(socket);
  const client = createSocket('udp4').bind(0, loopback);
  await once(client, 'listening');
  // A stranger's, behind the viewer's in the same queue.
  const stranger = createSocket('udp4').bind(0, loopback);
  await once(stranger, 'listening');
  client.on('message', (datagram: Buffer) => answers.push(hexOf(datagram)));
  t.after(() => {
    native.close(socket);
    client.close();
    stranger.close();
  });
  return {
    native,
    socket,
    port,
    client,
    answers,
    datagrams,
    atOnce,
    taken() {
      const told: Told[] = [];
      const end = native.take();
      for (let at = 0; at < end; ) {
        const [name, size, ageMs] = [
          view.getUint32(at, true),
          view.getUint32(at + 4, true),
          view.getFloat64(at + 8, true),
        ];
        assert.ok(ageMs >= 0 && ageMs < 60_000, `${ageMs}`);
        told.push({ name, packet: hexOf(waiting.subarray(at + 16, at + 16 + size)) });
        at += 16 + Math.ceil(size / 8) * 8;
      }
      return told;
    },
    async send(datagram) {
      const read = new Promise<void>((resolve) => {
        wake = resolve;
      });
      client.send(datagram, port, loopback, () => stranger.send(fence, port, loopback));
      await read;
    },
  };
}

export function addPeer(native: NativeReceiver, profile: SrtpProfile) {
  const { remoteKey, remoteSalt } = randomSrtpKeys(profile);
  const { rtcpSources } = new SessionNumbers();
  const { key, salt, authKey } = deriveSessionKeys(profile, 'rtcp', remoteKey, remoteSalt);
  const add = (indices: Float64Array): number =>
    native.addPeer(srtpProfiles.indexOf(profile), key.export(), salt, authKey, indices);
  const sender: SrtpSender = createSrtpSender(profile, remoteKey, remoteSalt);
  const theirs = (indices: Float64Array) => createSrtcpReceiver(profile, remoteKey, remoteSalt, indices);
  return { peer: add(rtcpSources), add, indices: rtcpSources, sender, theirs };
}

export function aim({ native, socket, client }: ReceiverStage, peer: number, credentials: IceCredentials): number {
  const { localUfrag, remoteUfrag, localPwd } = credentials;
  const username = Buffer.from(`${localUfrag}:${remoteUfrag}`);
  return native.aim(peer, socket, loopback, client.address().port, priority, username, Buffer.from(localPwd));
}
