/** A stream's thread as the real actor has it, from the packet log on: endpoint, distributor, fan-out. No source. */

import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createFanout } from '../../../actors/fanout/choose-fanout.js';
import { createDistributor } from '../../../actors/fanout/distributor.js';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';
import type { Subscription } from '../../../actors/fanout/subscription.js';
import { createEndpoint, type Transport } from '../../../actors/transport/endpoint.js';
import { createReportWriter } from '../../../src/core/rtcp/sender-report.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import type { SrtpKeys } from '../../../src/core/srtp/srtp-keys.js';
import { iceCredentials } from '../../support/viewer/media-client.js';
import { publishAudio, publishFrame } from './load.js';
import type { ActorData, FromActor, ToActor } from './stage-messages.js';

const data: ActorData = workerData;
const post = (message: FromActor): void => parentPort?.postMessage(message);
const nowMs = (): number => performance.now();
const webrtc = {
  listen: ['127.0.0.1'],
  interfaces: [],
  announce: [],
  portMin: 0,
  portMax: 0,
  singlePort: 0,
  sendQueueBytes: 64 * 1024 * 1024,
  fanout: data.fanout,
};
const timeouts = { connectTimeoutMs: 120_000, silenceTimeoutMs: 120_000 };
const videoTrack = { ssrc: 0x2222_2222, payloadType: 102, rtx: null };
const audioTrack = { ssrc: 0x1111_1111, payloadType: 111, rtx: null };

/** Time on the CPU of this thread, in ms: the first figure of the kernel's account is in ns. */
const cpuMs = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;

const histories = {
  audio: createRtpHistory({ maxBytes: 262_144, maxPackets: 4096 }),
  video: createRtpHistory({ maxBytes: 8_388_608, maxPackets: 16_384 }),
};
/** Where the numbers of viewers go whom no other thread is to go on with: of all of them in one place, and each over the other. */
const scratch = new SessionNumbers();
const subscriptions: Subscription[] = [];
let admitted = 0;
let rtcpReceived = 0;
let before = { cpuMs: 0, wallMs: 0, packets: 0, resent: 0, rtcpReceived: 0 };

const endpoint = await createEndpoint({
  webrtc,
  viewers: timeouts,
  certificate: data.certificate,
  nowMs,
  log: () => {},
  inherited: null,
  onOpened: () => {},
  onClosed: () => {},
});
const distributor = createDistributor({
  audioHistory: histories.audio,
  audioClockHz: 48_000,
  videoHistory: histories.video,
  nowMs,
  wallMs: Date.now,
  rtpTimeAt: () => 0,
  fanout: createFanout(data.fanout, histories),
  joinPaceMs: 30,
  isSourceVideo: true,
  writeReport: createReportWriter('sluice'),
  catchUp: 'gop',
  hasRoom: () => endpoint.queuedBytes() < webrtc.sendQueueBytes / 2,
});

function counts(): typeof before {
  let [packets, resent] = [0, 0];
  // In the one place each counts for all.
  for (const { stats } of data.keepsSessions ? subscriptions : subscriptions.slice(0, 1)) {
    packets += stats.packetsSent;
    resent += stats.packetsResent;
  }
  return { cpuMs: cpuMs(), wallMs: nowMs(), packets, resent, rtcpReceived };
}

function admitOne(
  viewerId: string,
  credentials: ReturnType<typeof iceCredentials>,
  fingerprint: { readonly algorithm: string; readonly value: string },
): void {
  let subscription: Subscription | null = null;
  let known: SrtpKeys | null = null;
  const own = new SessionNumbers();
  const numbers = data.keepsSessions ? own : scratch;
  const keep = (): void => {
    if (!data.keepsSessions || known === null) return;
    post({ kind: 'session', keys: known, path: transport.state, numbers: numbers.block });
  };
  const transport: Transport = endpoint.admit({
    viewerId,
    credentials,
    fingerprint,
    // Which are looked at, too: replays would be taken for new ones, and new ones for replays.
    rtcpIndices: own.rtcpSources,
    onChanged: keep,
    onConnected(keys) {
      known = keys;
      keep();
      const { send, route } = transport;
      subscription = distributor.join(
        { keys, numbers, audio: audioTrack, video: videoTrack, twcc: null, send, route },
        null,
      );
      subscriptions.push(subscription);
    },
    onRerouted: () => subscription?.rerouted(),
    onRtcp(packet, ageMs) {
      rtcpReceived += 1;
      subscription?.receiveRtcp(packet, ageMs);
    },
    onEnded(reason) {
      throw new Error(`${viewerId} ended: ${reason}`);
    },
  });
}

function admit(count: number, value: string): void {
  const guests = Array.from({ length: count }, () => iceCredentials());
  const fingerprint = { algorithm: 'sha-256', value };
  for (const credentials of guests) {
    admitted += 1;
    admitOne(`viewer ${admitted}`, credentials, fingerprint);
  }
  post({ kind: 'admitted', port: endpoint.candidates[0]?.port ?? 0, guests });
}

function stop(): void {
  const after = counts();
  const result = {
    cpuMs: after.cpuMs - before.cpuMs,
    wallMs: after.wallMs - before.wallMs,
    packets: after.packets - before.packets,
    resent: after.resent - before.resent,
    rtcpReceived: after.rtcpReceived - before.rtcpReceived,
  };
  post({ kind: 'result', result });
}

parentPort?.on('message', (message: ToActor) => {
  switch (message.kind) {
    case 'admit':
      return admit(message.count, message.fingerprint);
    case 'video':
      publishFrame(histories.video, message.frame, message.packets, message.atNs);
      return distributor.published('video');
    case 'audio':
      publishAudio(histories.audio, message.count, message.atNs);
      return distributor.published('audio');
    case 'measure':
      before = counts();
      return;
    case 'usage':
      globalThis.gc?.();
      return post({ kind: 'usage', rssBytes: process.memoryUsage().rss, cpuMs: cpuMs() });
    case 'stop':
      return stop();
  }
});
