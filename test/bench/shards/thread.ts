/** One fan-out thread of the bench: serves its viewers whatever is published, and says how far it has come. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type MessagePort, workerData } from 'node:worker_threads';
import { createFanout } from '../../../actors/fanout/choose-fanout.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import type { PacketMemory } from '../../../src/core/rtp/packet-memory.js';
import { createPacketView } from '../../../src/core/rtp/packet-view.js';
import { randomSrtpKeys } from '../../support/rtp/rtp-receiver.js';

export interface ThreadBoot {
  readonly ports: readonly number[];
  readonly port: MessagePort;
  /** One word: packets of the log that all its viewers have been sent. */
  readonly progress: SharedArrayBuffer;
}

/** New memory, or word that something is published. */
export type ToThread = { readonly memory: PacketMemory; readonly first: number } | 'published';

const sliceMs = 2;
const { ports, port, progress }: ThreadBoot = workerData;
const served = new Int32Array(progress);
const [audio, video] = [createPacketView(), createPacketView()];
const fanout = createFanout('native', { audio, video });
const socket = createSocket('udp4').bind(0, '127.0.0.1');
await once(socket, 'listening');
const localPort = socket.address().port;
const onBlocked = (): never => {
  throw new Error('loopback has a queue that is full');
};

for (const to of ports) {
  fanout.add({
    keys: randomSrtpKeys('AEAD_AES_128_GCM'),
    numbers: new SessionNumbers(),
    audio: null,
    twcc: null,
    onBlocked,
    video: { ssrc: 1, payloadType: 102, rtx: null },
    send: () => false,
    route: () => ({ localAddress: '127.0.0.1', localPort, address: '127.0.0.1', port: to }),
  });
}

port.on('message', (message: ToThread) => {
  if (message !== 'published') {
    video.attach(message.memory, message.first);
    return;
  }
  video.refresh();
  const { end } = video;
  for (let from: number | null = 0; from !== null; ) from = fanout.serve('video', from, end, sliceMs);
  Atomics.store(served, 0, video.end);
  Atomics.notify(served, 0);
});
port.postMessage('up');
