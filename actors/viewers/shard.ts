/**
 * Some of a stream's viewers, on a thread and a port of their own: all that the stream's own thread does for its viewers,
 * over packets that it writes and this one only reads.
 */
import { performance } from 'node:perf_hooks';
import { ofEachEncoding, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import { createPacketView, type PacketView } from '../../src/core/rtp/packet-view.js';
import { trackRtpTime } from '../../src/core/rtp/rtp-time.js';
import { createFollowingClock } from '../../src/core/timeline/wall-clock.js';
import { SluiceError } from '../../src/errors.js';
import type { NativeGuard } from '../media/native.js';
import type { UseRendition } from '../rendition/pool.js';
import { drills } from '../runtime/drills.js';
import { createThreadLog } from '../runtime/log.js';
import type { ThreadCode } from '../runtime/thread-code.js';
import { Departed } from './departed.js';
import type { FromShard, HistoryName, ShardBoot, ShardCalls, ShardPulse, ToShard } from './shard-contract.js';
import type { Viewer } from './viewer.js';
import { createViewers } from './viewers.js';

const loadMs = 1000;

export interface ShardOptions {
  readonly boot: Pick<ShardBoot, 'spec' | 'settings' | 'certificate'>;
  readonly begin: ToShard & { readonly kind: 'begin' };
  readonly guard: NativeGuard;
  readonly code: Pick<ThreadCode, 'dtls'>;
  readonly onListening: (port: number) => void;
  readonly nowMs: () => number;
  readonly post: (event: FromShard) => void;
}

export interface Shard {
  receive(message: ToShard): void;
  readonly calls: Omit<ShardCalls, 'stop'>;
  /** Says BYE to all; the same however often it is asked. */
  close(): Promise<void>;
}

interface FollowedHistory {
  readonly view: PacketView;
  readonly onPublished: () => void;
}

export function createShard(options: ShardOptions): Shard {
  const { boot, begin, nowMs, post } = options;
  const { offsets, utcAtZeroMs } = begin;
  const linesTaken = new Int32Array(begin.linesTaken);
  const { log } = createThreadLog({ post, linesTaken: () => Atomics.load(linesTaken, 0) >>> 0 });
  const byId = new Map<string, Viewer>();
  const clock = createFollowingClock();
  let { source } = begin;
  let pulse: ShardPulse = { lagMs: null, skews48k: ofEachEncoding(() => 0), sourceBps: null };
  let renditions = 0;
  let closing: Promise<void> | null = null;

  const followed = new Map<HistoryName, FollowedHistory>();
  const follow = (name: HistoryName, onPublished: () => void): PacketView => {
    const view = createPacketView();
    followed.set(name, { view, onPublished });
    return view;
  };

  const followTrack = (track: SentTrack): PacketView => follow(track, () => viewers.published(track));

  const openRendition: UseRendition = (spec, onAccessUnit) => {
    renditions += 1;
    const name = `rendition ${renditions}`;
    let lastBps: number | null = null;
    const view = follow(name, onAccessUnit);
    post({ kind: 'rendition.open', history: name, spec });
    return {
      history: view,
      adapt(estimateBps) {
        if (estimateBps === lastBps) return;
        lastBps = estimateBps;
        post({ kind: 'rendition.adapt', history: name, estimateBps });
      },
      close() {
        followed.delete(name);
        post({ kind: 'rendition.close', history: name });
      },
    };
  };

  const viewers = createViewers({
    boot,
    log,
    nowMs,
    openRendition,
    departed: new Departed(),
    loadDtls: options.code.dtls,
    onListening: options.onListening,
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
    sourceBps: () => pulse.sourceBps,
  });

  let since = performance.eventLoopUtilization();
  const measuring = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const load = performance.eventLoopUtilization(now, since).utilization;
    post({ kind: 'load', load, sent: viewers.sent, datagrams: viewers.datagrams });
    since = now;
  }, loadMs);

  return {
    receive(message) {
      switch (message.kind) {
        case 'source':
          source = message.source;
          if (message.reconsider) viewers.reconsider();
          return;
        case 'memory':
          followed.get(message.history)?.view.attach(message.memory, message.first);
          return;
        case 'published': {
          ({ pulse } = message);
          clock.follow(pulse.lagMs);
          const published = followed.get(message.history);
          if (published?.view.refresh() === true) published.onPublished();
          return;
        }
        case 'drill':
          return drills[message.fault](options.guard);
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
      clearInterval(measuring);
      closing ??= viewers.close();
      return closing;
    },
  };
}
