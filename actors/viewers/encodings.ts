/**
 * The forms of one stream, each with its packets and its viewers: one of the picture's and one of the audio's. The picture's
 * own form is always there; a rendition is made with its first viewer, and let go a moment after its last.
 */

import { isTooSlow, notSlow, type Slowness, stepSlowness } from '../../src/core/bandwidth/slowness.js';
import { type AudioEncoding, encodingClockHz, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import { encodingKey, type VideoEncoding } from '../../src/core/codec/video-encoding.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { LogFields, LogLevel } from '../../src/log-line.js';
import type { ActorSettings } from '../contract.js';
import { createFanout } from '../fanout/choose-fanout.js';
import { noDatagrams, sumDatagrams } from '../fanout/datagram-counts.js';
import { createDistributor, type Distributor, type DistributorOptions } from '../fanout/distributor.js';
import type { FanoutTrack, FanoutViewer, ViewerState } from '../fanout/fanout.js';
import { estimateLimits } from '../rendition/feed.js';
import { encodedKbps } from '../rendition/frame-rate.js';
import type { RenditionUse, UseRendition } from '../rendition/pool.js';
import type { DatagramCounts, RenditionStats } from '../stats.js';

/** Whoever reloads the page must not start the rendition anew. */
const lingerMs = 5000;
const watchMs = 1000;
/** Within what a narrow way takes to drop what is too much. */
const adaptMs = 250;

export interface EncodingsOptions
  extends Pick<DistributorOptions, 'nowMs' | 'wallMs' | 'hasRoom' | 'cname' | 'catchUp'> {
  readonly histories: Readonly<Record<SentTrack, PacketReader>>;
  /** The track's RTP time at that moment of UTC; null while nothing is known of it. */
  readonly rtpTimeAt: (track: SentTrack, wallMs: number) => number | null;
  readonly fanout: ActorSettings['webrtc']['fanout'];
  readonly media: ActorSettings['media'];
  readonly openRendition: UseRendition;
  /** Bits a second of the source's own form; null while unknown. */
  readonly sourceBps: () => number | null;
  /** A viewer of the source's own form says again and again that it cannot take it. */
  readonly onTooSlow: (viewerId: string, estimateKbps: number, sourceKbps: number) => void;
  readonly report: (level: LogLevel, event: string, fields: LogFields) => void;
}

export interface EncodingViewer extends Omit<FanoutViewer, 'transport'> {
  /** Number of the header extension for transport-wide numbers; null: not agreed with the viewer. */
  readonly twccId: number | null;
}

interface Entry {
  readonly variant: VideoEncoding;
  readonly encoding: AudioEncoding;
  readonly distributor: Distributor;
  readonly viewers: Map<string, EncodingViewer>;
  /** Null: the source's own form. */
  readonly rendition: RenditionUse | null;
  lingering: NodeJS.Timeout | null;
}

export type RenditionViewers = Pick<RenditionStats, 'encoding' | 'viewers'>;

export interface Encodings {
  /** `sound`: the form that it hears, whatever form of the picture it is moved to. */
  join(viewer: EncodingViewer, variant: VideoEncoding, encoding: AudioEncoding): void;
  /** Goes on with another form, and from now on under this payload type; nothing happens when it is so already. */
  move(viewerId: string, variant: VideoEncoding, video: FanoutTrack): void;
  /** Says BYE. */
  leave(viewerId: string): void;
  /** New packets stand in this log. */
  published(track: SentTrack): void;
  /** Of an unknown viewer: undefined. */
  distributorOf(viewerId: string): Distributor | undefined;
  readonly renditions: readonly RenditionViewers[];
  readonly fanout: 'js' | 'native' | null;
  readonly datagrams: DatagramCounts;
  close(): void;
}

export function createEncodings(options: EncodingsOptions): Encodings {
  const { media, report, histories } = options;
  const entries = new Map<string, Entry>();
  const homes = new Map<string, Entry>();
  const slowness = new Map<string, Slowness>();
  let fanoutKind: Encodings['fanout'] = null;
  /** Of forms that were let go. */
  let departed = noDatagrams;

  const open = (variant: VideoEncoding, encoding: AudioEncoding): Entry => {
    const rendition =
      variant.kind === 'source' ? null : options.openRendition(variant, () => distributor.published('video'));
    const videoHistory = rendition?.history ?? histories.video;
    const audioHistory = histories[encoding];
    const fanout = createFanout(options.fanout, { audio: audioHistory, video: videoHistory });
    fanoutKind = fanout.kind;
    const { nowMs, wallMs, hasRoom, cname, catchUp } = options;
    const distributor = createDistributor({
      fanout,
      audioHistory,
      videoHistory,
      nowMs,
      wallMs,
      hasRoom,
      cname,
      catchUp,
      audioClockHz: encodingClockHz[encoding],
      rtpTimeAt: (track, atMs) => options.rtpTimeAt(track === 'audio' ? encoding : 'video', atMs),
      joinPaceMs: media.joinPaceMs,
    });
    report('debug', 'encoding.open', { video: encodingKey(variant), audio: encoding, fanout: fanout.kind });
    return { variant, encoding, distributor, rendition, viewers: new Map(), lingering: null };
  };

  const keyOf = ({ variant, encoding }: Pick<Entry, 'variant' | 'encoding'>): string =>
    `${encodingKey(variant)} ${encoding}`;

  const entryOf = (variant: VideoEncoding, encoding: AudioEncoding): Entry => {
    const key = keyOf({ variant, encoding });
    const entry = entries.get(key) ?? open(variant, encoding);
    entries.set(key, entry);
    if (entry.lingering !== null) clearTimeout(entry.lingering);
    entry.lingering = null;
    return entry;
  };

  const close = (entry: Entry): void => {
    if (entry.lingering !== null) clearTimeout(entry.lingering);
    entries.delete(keyOf(entry));
    entry.rendition?.close();
    entry.distributor.close();
    departed = sumDatagrams([departed, entry.distributor.datagrams]);
  };

  /** Only where a rendition can follow what they tell: elsewhere packets stay as they are, and the viewer's REMB goes on. */
  const numbersFor = ({ variant }: Entry, { twccId }: EncodingViewer): FanoutViewer['transport'] =>
    variant.kind === 'source' || twccId === null
      ? null
      : { id: twccId, limits: () => estimateLimits(variant, media, encodedKbps(options.sourceBps())) };

  const settle = (entry: Entry, viewer: EncodingViewer, state: ViewerState | null): void => {
    entry.viewers.set(viewer.viewerId, viewer);
    homes.set(viewer.viewerId, entry);
    entry.distributor.join({ ...viewer, transport: numbersFor(entry, viewer) }, state);
  };

  const depart = (entry: Entry, viewerId: string): void => {
    homes.delete(viewerId);
    slowness.delete(viewerId);
    entry.viewers.delete(viewerId);
    if (entry.viewers.size > 0 || entry.rendition === null || entry.lingering !== null) return;
    entry.lingering = setTimeout(close, lingerMs, entry);
  };

  const watchViewers = ({ viewers, distributor }: Entry, sourceBps: number): void => {
    for (const viewerId of [...viewers.keys()]) {
      const estimateKbps = distributor.stats(viewerId)?.estimateKbps ?? null;
      const state = slowness.get(viewerId) ?? notSlow;
      const next = stepSlowness(state, estimateKbps === null ? null : estimateKbps * 1000, sourceBps);
      slowness.set(viewerId, next);
      if (!isTooSlow(next) || estimateKbps === null) continue;
      slowness.delete(viewerId);
      options.onTooSlow(viewerId, estimateKbps, Math.round(sourceBps / 1000));
    }
  };

  const watchSource = (): void => {
    const sourceBps = options.sourceBps();
    if (sourceBps === null) return;
    // A viewer that is too slow may be moved, and open another entry.
    for (const entry of [...entries.values()]) if (entry.rendition === null) watchViewers(entry, sourceBps);
  };

  /** A rendition's bitrate follows the viewer that can take least, within what it was wished for. */
  const adapt = (): void => {
    for (const { rendition, distributor } of entries.values()) rendition?.adapt(distributor.lowestEstimateBps());
  };
  const timers = [setInterval(adapt, adaptMs), setInterval(watchSource, watchMs)];

  return {
    join(viewer, variant, encoding) {
      settle(entryOf(variant, encoding), viewer, null);
    },
    move(viewerId, variant, video) {
      const from = homes.get(viewerId);
      const viewer = from?.viewers.get(viewerId);
      if (from === undefined || viewer === undefined || viewer.video === null) return;
      const isHome = encodingKey(from.variant) === encodingKey(variant);
      // The source's own form may have another codec than before.
      if (isHome && viewer.video.payloadType === video.payloadType) return;
      const to = entryOf(variant, from.encoding);
      const moved = { ...viewer, video };
      const state = from.distributor.take(viewerId);
      depart(from, viewerId);
      settle(to, moved, state);
    },
    leave(viewerId) {
      const entry = homes.get(viewerId);
      if (entry === undefined) return;
      entry.distributor.leave(viewerId);
      depart(entry, viewerId);
    },
    published(track) {
      for (const { rendition, encoding, distributor } of entries.values()) {
        if (encoding === track) distributor.published('audio');
        else if (track === 'video' && rendition === null) distributor.published('video');
      }
    },
    distributorOf: (viewerId) => homes.get(viewerId)?.distributor,
    get renditions() {
      return [...entries.values()].flatMap(({ variant, viewers, rendition }) =>
        rendition === null ? [] : [{ encoding: encodingKey(variant), viewers: viewers.size }],
      );
    },
    get fanout() {
      return fanoutKind;
    },
    get datagrams() {
      return sumDatagrams([departed, ...[...entries.values()].map(({ distributor }) => distributor.datagrams)]);
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      for (const entry of [...entries.values()]) close(entry);
    },
  };
}
