/** An audience with further fan-out threads of its own, for a stream that is made of marked packets. */

import type { TestContext } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import type { ActorBoot, ViewerEvent } from '../../../actors/contract.js';
import { createRenditionPool, type RenditionPoolOptions } from '../../../actors/rendition/pool.js';
import { createAudience } from '../../../actors/viewers/audience.js';
import type { ShardBoot } from '../../../actors/viewers/shard-contract.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { type AudioEncoding, ofEachEncoding } from '../../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../../src/core/codec/media-info.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { trackRtpTime } from '../../../src/core/rtp/rtp-time.js';
import { createStreamTimeline } from '../../../src/core/timeline/stream-timeline.js';
import { createFollowingClock } from '../../../src/core/timeline/wall-clock.js';
import { SluiceError } from '../../../src/errors.js';
import { findActorFile } from '../../../src/threads/blank-thread.js';
import { startWatchedWorker, type WatchedWorker } from '../../../src/threads/watched-worker.js';
import { appendMarked } from '../rtp/marked-packets.js';
import { makeCertificate } from '../viewer/media-client.js';
import { joinStream, type StreamViewer, type StreamViewerOptions } from '../viewer/stream-viewer.js';

const certificate = await makeCertificate();
const info: MediaInfo = { video: { codec: 'H264', width: 640, height: 360, profileLevelId: '42c01e' }, audio: null };
/** By how much the stream lies behind the wall clock. */
const lagMs = 1_700_000_000_000;
const skews48k = ofEachEncoding(() => 0);
const offsets = { audio: 7, video: 4_000_000_000 };

export interface AudienceStageOptions {
  readonly perShard: number;
  readonly maxShards: number;
  readonly maxPerStream?: number;
  /** Of the fan-out's clock. */
  readonly silenceTimeoutMs?: number;
  /** The only one that there is; default: any. */
  readonly port?: number;
  readonly fanout?: 'native' | 'js';
  /** False: there is no thread to be had. */
  readonly hasThreads?: boolean;
  /** Makes its renditions, of a source that nobody takes as it is; absent: nobody asks for one. */
  readonly openRendition?: RenditionPoolOptions['open'];
  /** How late the stream's own thread is said to be; default: not at all. */
  readonly loopLagMs?: number;
}

export function setAudienceStage(
  t: TestContext,
  { hasThreads = true, port = 0, fanout = 'native', loopLagMs = 0, openRendition, ...limits }: AudienceStageOptions,
) {
  const { rtmp, webrtc, viewers, rtmpOut, media } = settingsSchema.parse({
    webrtc: { listen: ['127.0.0.1'], portMin: port, portMax: port, fanout },
    viewers: limits,
  });
  const boot: Pick<ActorBoot, 'spec' | 'settings' | 'certificate'> = {
    certificate,
    settings: { rtmp: { ...rtmp, caPem: '' }, webrtc, viewers, rtmpOut, media },
    spec: {
      pullId: '',
      localName: 'stage',
      uri: 'rtmp://127.0.0.1/live/stage',
      standbyUris: [],
      origin: 'rest',
      hasAudio: true,
      hasVideo: true,
      timeline: createStreamTimeline(offsets),
    },
  };
  const histories = {
    ...ofEachEncoding(() => createRtpHistory({ maxBytes: 65_536, maxPackets: 1024 })),
    video: createRtpHistory({ maxBytes: 8_388_608, maxPackets: 65_536 }),
  };
  const clock = createFollowingClock();
  clock.follow(lagMs);
  const threads: WatchedWorker[] = [];
  const events: ViewerEvent[] = [];
  const lines: { readonly event: string; readonly fields: object }[] = [];
  const wanted: AudioEncoding[][] = [];
  const guests: StreamViewer[] = [];
  let skippedMs = 0;
  const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6 + skippedMs;
  const utcAtZeroMs = Date.now() - nowMs();
  const wallMs = (): number => utcAtZeroMs + nowMs();

  const audience = createAudience({
    boot,
    histories,
    offsets,
    nowMs,
    wallMs,
    loadViewing: () => import('../../../actors/viewers/viewing.js'),
    onPort: () => {},
    isMediaKnown: () => true,
    media: () => info,
    whenMediaKnown: async () => true,
    log: (_level, event, fields = {}) => lines.push({ event, fields }),
    post: (event) => events.push(event),
    rtpTimeAt: (track, atMs) => trackRtpTime(track, clock.mediaMsAt(atMs) ?? Number.NaN, offsets, skews48k),
    pulse: () => ({ lagMs, skews48k, sourceBps: null }),
    sourceBps: () => null,
    isPlayable: () => openRendition === undefined,
    isSparing: () => false,
    loopLagMs: () => loopLagMs,
    isVideoExpected: () => false,
    onWanted: (encodings) => wanted.push([...encodings]),
    onWatched: () => {},
    renditions: createRenditionPool({
      maxBytes: 65_536,
      open:
        openRendition ??
        (() => {
          throw new Error('nobody asks for a rendition here');
        }),
    }),
    async openShard() {
      if (!hasThreads) throw new SluiceError('viewer.limit', 'none to be had');
      const { port1, port2 } = new MessageChannel();
      const { port2: actorLife } = new MessageChannel();
      const thread = startWatchedWorker<ShardBoot>({
        entry: new URL('shard.cjs', findActorFile()),
        name: 'shard',
        memoryMb: 0,
        boot: { ...boot, media: port2, actorLife },
        transfer: [port2, actorLife],
      });
      threads.push(thread);
      return port1;
    },
  });
  t.after(async () => {
    for (const guest of guests) guest.close();
    await audience.close();
    await Promise.all(threads.map(({ ended }) => ended));
  });

  return {
    audience,
    histories,
    offsets,
    lagMs,
    threads,
    events,
    lines,
    wanted,
    /** Of the fan-out's clock, in which threads are let go. */
    skip(ms: number) {
      skippedMs += ms;
    },
    /** One frame of so many packets. */
    show(packets: number, isKey = false) {
      for (let n = 0; n < packets; n += 1) appendMarked(histories.video, 1100, isKey && n === 0);
      audience.published('video');
    },
    /** So many packets of this encoding of the audio. */
    sing(encoding: AudioEncoding, packets: number) {
      for (let n = 0; n < packets; n += 1) appendMarked(histories[encoding], 160, false);
      audience.published(encoding);
    },
    async enter(viewerId: string, options?: StreamViewerOptions): Promise<StreamViewer> {
      const guest = await joinStream(async (offer) => {
        const { answerSdp } = await audience.join({ viewerId, offer, wish: null });
        return answerSdp;
      }, options);
      guests.push(guest);
      return guest;
    },
  };
}
