/**
 * A stream's sending side on one host, for viewers on another: `network-sender ADDRESS TO COUNT SECONDS` sends 2.5 Mbit/s
 * and a keyframe each second to each by distributor and add-on, and says as JSON how it went.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { createDistributor } from '../../../actors/fanout/distributor.js';
import { createFanoutNative } from '../../../actors/fanout/fanout-native.js';
import { loadNativeFanout } from '../../../actors/fanout/native-binding.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import type { DatagramCounts } from '../../../actors/stats.js';
import { createReportWriter } from '../../../src/core/rtcp/sender-report.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { appendMarked } from '../rtp/marked-packets.js';
import { firstPort, networkKeys } from './network-viewers.js';

export interface NetworkSent {
  readonly datagrams: DatagramCounts;
  readonly viewers: readonly { readonly packetsSent: number; readonly framesSkipped: number }[];
  /** Numbers in the log of the packets that keyframes begin with. */
  readonly keys: readonly number[];
  readonly end: number;
  /** Share of one core. */
  readonly cpuShare: number;
  readonly longestStallMs: number;
}

const packetsPerFrame = 9;
const frameMs = 1000 / 30;

const [address = '', to = '', count = '', seconds = ''] = process.argv.slice(2);
const Native = loadNativeFanout();
if (Native === null) throw new Error('the add-on is not built');
const socket = createSocket('udp4').bind(0, address);
await once(socket, 'listening');
const histories = {
  audio: createRtpHistory({ maxBytes: 65_536, maxPackets: 512 }),
  video: createRtpHistory({ maxBytes: 4_194_304, maxPackets: 4096 }),
};
const distributor = createDistributor({
  audioHistory: histories.audio,
  audioClockHz: 48_000,
  videoHistory: histories.video,
  nowMs: () => performance.now(),
  wallMs: Date.now,
  fanout: createFanoutNative(Native, histories),
  joinPaceMs: 30,
  isSourceVideo: true,
  catchUp: 'gop',
  writeReport: createReportWriter('sluice'),
  rtpTimeAt: () => 0,
  hasRoom: () => true,
});
const subscriptions = Array.from({ length: Number(count) }, (_, n) => {
  const port = firstPort + n;
  return distributor.join(
    {
      keys: networkKeys(n),
      numbers: new SessionNumbers(),
      audio: null,
      video: { ssrc: 7, payloadType: 102, rtx: null },
      // Every other one, so that both kinds meet full queues.
      twcc: n % 2 === 0 ? null : { id: 3, limits: () => ({ minBps: 1e5, maxBps: 1e7 }) },
      send(datagram) {
        socket.send(datagram, port, to, () => {});
        return true;
      },
      route: () => ({ localAddress: address, localPort: socket.address().port, address: to, port }),
    },
    null,
  );
});

const stalls = monitorEventLoopDelay({ resolution: 1 });
stalls.enable();
const keys: number[] = [];
const before = process.cpuUsage();
const startMs = performance.now();
for (let frame = 0; frame < Number(seconds) * 30; frame += 1) {
  const isKey = frame % 30 === 0;
  if (isKey) keys.push(histories.video.end);
  for (let n = 0; n < packetsPerFrame; n += 1) appendMarked(histories.video, 1172, isKey && n === 0);
  distributor.published('video');
  await delay(Math.max(0, startMs + (frame + 1) * frameMs - performance.now()));
}
const { user, system } = process.cpuUsage(before);
const sent: NetworkSent = {
  datagrams: distributor.datagrams,
  viewers: subscriptions.map(({ stats: { packetsSent, framesSkipped } }) => ({ packetsSent, framesSkipped })),
  keys,
  end: histories.video.end,
  cpuShare: (user + system) / 1000 / (performance.now() - startMs),
  longestStallMs: stalls.max / 1e6,
};
console.log(JSON.stringify(sent));
process.exit(0);
