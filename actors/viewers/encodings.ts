/**
 * The encodings of one stream, in groups of one for video and one for audio, each with its viewers. A rendition is made when its
 * first viewer joins, and stopped a moment after its last one left.
 */
import { followed } from '../../src/core/bandwidth/shared-estimate.js';
import { type AudioEncoding, encodingClockHz, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import { encodingKey, type VideoEncoding } from '../../src/core/codec/video-encoding.js';
import { nearestBitrate } from '../../src/core/codec/wish-grid.js';
import { createReportWriter } from '../../src/core/rtcp/sender-report.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { Logger } from '../../src/log-line.js';
import { createFanout } from '../fanout/choose-fanout.js';
import { sumDatagrams } from '../fanout/datagram-counts.js';
import type { Distribution } from '../fanout/distribution.js';
import { createDistributor } from '../fanout/distributor.js';
import { estimateLimits, neededBps } from '../rendition/feed.js';
import { encodedKbps } from '../rendition/frame-rate.js';
import type { UseRendition } from '../rendition/pool.js';
import type { ActorSettings } from '../settings.js';
import type { DatagramCounts, RenditionStats } from '../stats.js';
import { Delivery, type DeliveryGroups, type DeliveryOptions } from './delivery.js';
import { EncodingGroup, groupKey } from './encoding-group.js';
import type { DepartedTotals } from './sent-totals.js';

/** Both ends of a call know by this name which source it is (RFC 3550 6.5.1). */
export const cname = 'sluice';

const watchMs = 1000;
/** Quicker than the queue of a bottleneck overflows. */
const adaptMs = 250;

export interface EncodingsOptions extends Pick<Distribution, 'nowMs' | 'wallMs' | 'hasRoom' | 'catchUp'> {
  readonly histories: Readonly<Record<SentTrack, PacketReader>>;
  /** The track's RTP time at that moment of UTC; null while nothing is known of it. */
  readonly rtpTimeAt: (track: SentTrack, wallMs: number) => number | null;
  readonly fanout: ActorSettings['webrtc']['fanout'];
  readonly media: ActorSettings['media'];
  readonly openRendition: UseRendition;
  /** Bits a second of the source's own encoding; null while unknown. */
  readonly sourceBps: () => number | null;
  /** Takes over the totals of encodings that are closed. */
  readonly departed: DepartedTotals;
  readonly log: Logger;
}

type Rendition = Extract<VideoEncoding, { kind: 'rendition' }>;

/** Of what the rendition needs that its viewers cannot follow. */
const lowerShare = 0.4;
const worthwhileShare = 0.7;

const isLowerOf = (one: VideoEncoding, { codec, isSingleNal, width, height }: Rendition): one is Rendition =>
  one.kind === 'rendition' &&
  one.isLowerStep === true &&
  one.codec === codec &&
  one.isSingleNal === isSingleNal &&
  one.width === width &&
  one.height === height;

export type RenditionViewers = Pick<RenditionStats, 'encoding' | 'viewers'>;

export interface Encodings {
  /** `audio`: fixed for the whole session; `video` may change (Delivery.move). */
  join(options: DeliveryOptions, video: VideoEncoding, audio: AudioEncoding): Delivery;
  /**
   * For a viewer that cannot follow this rendition: begins to make a smaller one, which all such viewers share, and calls back
   * with its first picture, where it has one.
   */
  prepareLower(video: Rendition, audio: AudioEncoding, then: (lower: VideoEncoding) => void): void;
  /** New packets stand in this history. */
  published(track: SentTrack): void;
  readonly renditions: readonly RenditionViewers[];
  /** What sends to the viewers; null before the first. */
  readonly fanout: 'js' | 'native' | null;
  /** Of the encodings that there are now. */
  readonly datagrams: DatagramCounts;
  /** What the fan-out holds beside V8's memory. */
  readonly heldBytes: number;
  close(): void;
}

export function createEncodings(options: EncodingsOptions): Encodings {
  const { media, log, histories } = options;
  const groups = new Map<string, EncodingGroup>();
  const writeReport = createReportWriter(cname);
  let fanoutKind: Encodings['fanout'] = null;

  const close = (group: EncodingGroup): void => {
    groups.delete(group.key);
    group.close();
    options.departed.addDatagrams(group.distributor.datagrams);
  };

  const open = (video: VideoEncoding, audio: AudioEncoding): EncodingGroup => {
    const rendition = video.kind === 'source' ? null : options.openRendition(video, () => group.published());
    const videoHistory = rendition?.history ?? histories.video;
    const audioHistory = histories[audio];
    const fanout = createFanout(options.fanout, { audio: audioHistory, video: videoHistory });
    fanoutKind = fanout.kind;
    const distributor = createDistributor({
      fanout,
      audioHistory,
      audioClockHz: encodingClockHz[audio],
      videoHistory,
      isSourceVideo: rendition === null,
      joinPaceMs: media.joinPaceMs,
      catchUp: options.catchUp,
      writeReport,
      nowMs: options.nowMs,
      wallMs: options.wallMs,
      hasRoom: options.hasRoom,
      rtpTimeAt: (track, atMs) => options.rtpTimeAt(track === 'audio' ? audio : 'video', atMs),
    });
    log('debug', 'encoding.open', { video: encodingKey(video), audio, fanout: fanout.kind });
    const group = new EncodingGroup({ video, audio, distributor, rendition, onIdle: close });
    return group;
  };

  const deliveryGroups: DeliveryGroups = {
    groupOf(video, audio) {
      const key = groupKey(video, audio);
      const group = groups.get(key) ?? open(video, audio);
      groups.set(key, group);
      return group;
    },
    limitsOf: (video) =>
      video.kind === 'source' ? null : () => estimateLimits(video, media, encodedKbps(options.sourceBps())),
  };

  /** Who cannot follow a rendition that others share. */
  const watchRenditions = (): void => {
    for (const { video, members, distributor } of [...groups.values()]) {
      const { estimates } = distributor;
      if (video.kind === 'source' || video.isLowerStep === true || estimates === null || members.size < 2) continue;
      const sentBps = Math.min(followed(estimates, false), neededBps(video, media, encodedKbps(options.sourceBps())));
      for (const member of [...members]) member.compare(sentBps);
    }
  };

  const watchSource = (): void => {
    watchRenditions();
    const sourceBps = options.sourceBps();
    if (sourceBps === null) return;
    const ofSource = [...groups.values()].filter(({ rendition }) => rendition === null);
    // A viewer that is too slow may be moved, to another group.
    for (const member of ofSource.flatMap(({ members }) => [...members])) member.watch(sourceBps);
  };

  /** A rendition's bitrate follows its viewers' bandwidth estimates, within what they asked for. */
  const adapt = (): void => {
    for (const { rendition, distributor } of groups.values()) rendition?.adapt(distributor.estimates);
  };
  const timers = [setInterval(adapt, adaptMs), setInterval(watchSource, watchMs)];

  return {
    join: (delivery, video, audio) => new Delivery(deliveryGroups, delivery, video, audio),
    prepareLower(video, audio, then) {
      const neededKbps = neededBps(video, media, encodedKbps(options.sourceBps())) / 1000;
      const bitrateKbps = Math.max(media.encodeMinKbps, media.fallbackKbps || nearestBitrate(neededKbps * lowerShare));
      // What is hardly smaller helps nobody.
      if (bitrateKbps > neededKbps * worthwhileShare) return;
      const lower: Rendition = { ...video, quality: null, bitrateKbps, isLowerStep: true };
      // One for all, whatever the source's bitrate was when the first of them came.
      const known = [...groups.values()].map((group) => group.video).find((one) => isLowerOf(one, lower));
      const step = known ?? lower;
      deliveryGroups.groupOf(step, audio).prepare(() => then(step));
    },
    published(track) {
      for (const { rendition, audio, distributor } of groups.values()) {
        if (audio === track) distributor.published('audio');
        else if (track === 'video' && rendition === null) distributor.published('video');
      }
    },
    get renditions() {
      return [...groups.values()].flatMap(({ video, members, rendition }) =>
        rendition === null ? [] : [{ encoding: encodingKey(video), viewers: members.size }],
      );
    },
    get fanout() {
      return fanoutKind;
    },
    get datagrams() {
      return sumDatagrams([...groups.values()].map(({ distributor }) => distributor.datagrams));
    },
    get heldBytes() {
      return [...groups.values()].reduce((sum, { distributor }) => sum + distributor.heldBytes, 0);
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      for (const group of [...groups.values()]) close(group);
    },
  };
}
