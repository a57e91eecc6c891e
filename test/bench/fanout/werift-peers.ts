/**
 * Plain werift: RTCPeerConnections that send, and, run as a program, those that receive. The receiving process stands
 * still once it was told so, so that the machine's cores are left to the sender.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RTCPeerConnection, RtpHeader, RtpPacket } from 'werift';
import { packetsPerFrame, payloadBytes } from './load.js';

const program = fileURLToPath(import.meta.url);

const createPeer = (): RTCPeerConnection =>
  new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceUseTcp: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceFilterCandidatePair: isLoopback,
  });

const isLoopback = ({ remoteAddr }: { readonly remoteAddr: readonly [string, number] }): boolean =>
  remoteAddr[0] === '127.0.0.1';

const waitForever = (): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

async function answer(offer: string): Promise<string> {
  const peer = createPeer();
  peer.addTransceiver('video', { direction: 'recvonly' });
  await peer.setRemoteDescription({ type: 'offer', sdp: offer });
  await peer.setLocalDescription(await peer.createAnswer());
  return peer.localDescription?.sdp ?? '';
}

/** Connects so many peers, one by one, to a process of their receivers; gives what sends frames to all of them. */
export async function connectPeers(viewers: number): Promise<(frames: number) => Promise<number>> {
  const receivers = fork(program, [], { serialization: 'json' });
  process.once('exit', () => receivers.kill('SIGKILL'));
  const senders: { send(packet: RtpPacket): Promise<void> }[] = [];
  for (let n = 0; n < viewers; n += 1) {
    const peer = createPeer();
    const { sender } = peer.addTransceiver('video', { direction: 'sendonly' });
    await peer.setLocalDescription(await peer.createOffer());
    receivers.send(peer.localDescription?.sdp ?? '');
    const [sdp]: unknown[] = await once(receivers, 'message');
    const connected = peer.connectionStateChange.watch((state) => state === 'connected');
    await peer.setRemoteDescription({ type: 'answer', sdp: String(sdp) });
    await connected;
    senders.push({ send: (packet) => sender.sendRtp(packet) });
  }
  receivers.send('');
  const payload = Buffer.alloc(payloadBytes);
  let packet = 0;
  return async (frames) => {
    for (let frame = 0; frame < frames; frame += 1) {
      for (let n = 0; n < packetsPerFrame; n += 1, packet += 1) {
        const marker = n === packetsPerFrame - 1;
        const fields = { sequenceNumber: packet % 0x1_0000, timestamp: frame * 3000, payloadType: 96, marker };
        await Promise.all(senders.map(({ send }) => send(new RtpPacket(new RtpHeader(fields), payload))));
      }
    }
    return frames * packetsPerFrame * viewers;
  };
}

if (process.argv[1] === program && process.send !== undefined) {
  process.on('message', async (offer: string) => {
    if (offer === '') waitForever();
    else process.send?.(await answer(offer));
  });
}
