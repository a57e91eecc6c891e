/**
 * A shard: some of a stream's viewers, on a thread with a media port of its own. It does all that the stream's own thread does for
 * viewers, over packets that only the actor writes.
 */
import { ofEachEncoding, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { PacketView } from '../../src/core/rtp/packet-view.js';
import { trackRtpTime } from '../../src/core/rtp/rtp-time.js';
import { createFollowingClock } from '../../src/core/timeline/wall-clock.js';
import { SluiceError } from '../../src/errors.js';
import type { NativeGuard } from '../media/native.js';
import { drills } from '../runtime/drills.js';
import { createThreadLog } from '../runtime/log.js';
import { createFollowedHistories } from './followed-histories.js';
import { createLoopLoad } from './loop-load.js';
import { DepartedTotals } from './sent-totals.js';
import type { FromShard, ShardBoot, ShardCalls, ShardPulse, ToShard } from './shard-contract.js';
import type { Viewer } from './viewer.js';
import { createViewers, type LoadViewing } from './viewers.js';

const loadMs = 1000;

export interface ShardOptions {
  readonly boot: Pick<ShardBoot, 'spec' | 'settings' | 'certificate'>;
  readonly begin: ToShard & { readonly kind: 'begin' };
  readonly guard: NativeGuard;
  readonly loadViewing: LoadViewing;
  readonly nowMs: () => number;
  /** How late the event loop of this thread was lately. */
  readonly loopLagMs: () => number;
  readonly post: (event: FromShard) => void;
}

export interface Shard {
  /** As Viewers.heldBytes. */
  readonly heldBytes: number;
  receive(message: ToShard): void;
  readonly calls: Omit<ShardCalls, 'stop' | 'handOver'>;
  /** Sends BYE to all; calling it again changes nothing. */
  close(): Promise<void>;
  /** Lets go of all silently. */
  abandon(): Promise<void>;
}

export function createShard(options: ShardOptions): Shard {
  const { boot, begin, nowMs, post } = options;
  const { offsets, utcAtZeroMs } = begin;
  const linesTaken = new Int32Array(begin.linesTaken);
  const log = createThreadLog({ post, linesTaken: () => Atomics.load(linesTaken, 0) >>> 0 });
  const byId = new Map<string, Viewer>();
  const clock = createFollowingClock();
  let { source } = begin;
  let pulse: ShardPulse = { lagMs: null, skews48k: ofEachEncoding(() => 0), sourceBps: null };
  let closing: Promise<void> | null = null;

  const histories = createFollowedHistories(post);
  const followTrack = (track: SentTrack): PacketView => histories.follow(track, () => viewers.published(track));

  const viewers = createViewers({
    boot,
    log,
    nowMs,
    openRendition: histories.openRendition,
    departed: new DepartedTotals(),
    loadViewing: options.loadViewing,
    onPort: post,
    histories: { ...ofEachEncoding(followTrack), video: followTrack('video') },
    media: () => source.media,
    post(event) {
      if (event.kind === 'viewer.ended') byId.delete(event.viewerId);
      post(event);
    },
    wallMs: () => utcAtZeroMs + nowMs(),
    rtpTimeAt(track, wallMs) {
      const mediaMs = clock.mediaMsAt(wallMs);
      return mediaMs === null ? null : trackRtpTime(track, mediaMs, offsets, pulse.skews48k);
    },
    isPlayable: () => source.isPlayable,
    isSparing: () => source.isSparing,
    isVideoExpected: () => source.isVideoExpected,
    sourceBps: () => pulse.sourceBps,
  });

  const measureLoad = createLoopLoad();
  const reporting = setInterval(() => {
    post({
      kind: 'load',
      load: { busyShare: measureLoad(), lagMs: options.loopLagMs() },
      sent: viewers.sent,
      datagrams: viewers.datagrams,
    });
  }, loadMs);

  return {
    get heldBytes() {
      return viewers.heldBytes;
    },
    receive(message) {
      switch (message.kind) {
        case 'source':
          source = message.source;
          if (message.reconsider) viewers.reconsider();
          return;
        case 'memory':
          histories.attach(message);
          return;
        case 'published':
          ({ pulse } = message);
          clock.follow(pulse.lagMs);
          histories.published(message.history);
          return;
        case 'drill':
          return drills[message.fault]({ guard: options.guard, log });
      }
    },
    calls: {
      async join(request) {
        const viewer = await viewers.join(request);
        byId.set(viewer.viewerId, viewer);
        return { ...viewer.joinAnswer, audioEncoding: viewer.audioEncoding };
      },
      async restart(viewerId, viewerUfrag) {
        const viewer = byId.get(viewerId);
        if (viewer === undefined) throw new SluiceError('session.notFound');
        return viewer.restart(viewerUfrag);
      },
      async leave(viewerId) {
        const viewer = byId.get(viewerId);
        byId.delete(viewerId);
        viewer?.leave();
        return viewer !== undefined;
      },
      stats: async () => ({
        fanout: viewers.fanout,
        sent: viewers.sent,
        datagrams: viewers.datagrams,
        viewers: viewers.stats,
        renditions: viewers.renditions,
      }),
    },
    close() {
      clearInterval(reporting);
      closing ??= viewers.close();
      return closing;
    },
    abandon() {
      clearInterval(reporting);
      closing ??= viewers.abandon();
      return closing;
    },
  };
}
