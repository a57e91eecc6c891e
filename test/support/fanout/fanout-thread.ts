/** A thread with a fan-out and a media port that many viewers are on, which ends as it is told to and closes nothing. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { createFanout } from '../../../actors/fanout/choose-fanout.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import { createReceiver } from '../../../actors/transport/choose-receiver.js';
import { createSendQueue } from '../../../actors/transport/send-queue.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import type { SrtpKeys, SrtpProfile } from '../../../src/core/srtp/srtp-keys.js';

export interface FanoutThreadData {
  readonly viewers: number;
  readonly ending: 'exit' | 'throw' | 'terminate' | 'return';
}

const { viewers, ending }: FanoutThreadData = workerData;
const histories = {
  audio: createRtpHistory({ maxBytes: 65_536, maxPackets: 512 }),
  video: createRtpHistory({ maxBytes: 65_536, maxPackets: 512 }),
};
const fanout = createFanout('native', histories);
const socket = createSocket('udp4').bind(0, '127.0.0.1');
await once(socket, 'listening');
const { port } = socket.address();
const receiver = createReceiver('native');
const queue = createSendQueue(
  1_000_000,
  () => 0,
  () => {},
);
const udp = await receiver.openUdp('127.0.0.1', 0, -1, queue, () => false);
const credentials = { localUfrag: 'ours', localPwd: 'a password', remoteUfrag: 'theirs' };
const keysOf = (profile: SrtpProfile, saltBytes: number): SrtpKeys => ({
  profile,
  localKey: new Uint8Array(16),
  localSalt: new Uint8Array(saltBytes),
  remoteKey: new Uint8Array(16),
  remoteSalt: new Uint8Array(saltBytes),
});
for (let n = 0; n < viewers; n += 1) {
  const numbers = new SessionNumbers();
  const keys = n % 2 === 0 ? keysOf('AEAD_AES_128_GCM', 12) : keysOf('AES_CM_128_HMAC_SHA1_80', 14);
  const rtcp = receiver.openRtcp(keys, numbers.rtcpSources, { onCheck: () => {}, onRtcp: () => {} });
  rtcp.aim({ target: udp.pathTo('127.0.0.1', 1 + n), priority: 1, credentials });
  fanout.add({
    send: () => true,
    audio: null,
    twcc: null,
    onBlocked: () => {},
    numbers,
    keys,
    route: () => ({ localAddress: '127.0.0.1', localPort: port, address: '127.0.0.1', port }),
    video: { ssrc: n, payloadType: 102, rtx: null },
  });
}
histories.video.append({ payloadBytes: 1000, rtpTs: 0, marker: true, startsGop: true });
fanout.serve('video', 0, histories.video.end, 100);
parentPort?.postMessage('up');
if (ending === 'exit') process.exit(3);
if (ending === 'throw') throw new Error('as the test wants it');
if (ending === 'return') {
  socket.close();
  await udp.close();
}
