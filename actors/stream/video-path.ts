/**
 * The picture's way from FLV tags to packets: untouched where browsers can play it, and to the renditions that are open.
 * Whether browsers can play it is decided per stream, and anew when the stream changes (ARCHITECTURE.md, Transcoding).
 */
import { type BFrames, configureBFrames, initialBFrames, seePicture } from '../../src/core/codec/b-frames.js';
import { type H264Config, parseH264Config } from '../../src/core/codec/h264-config.js';
import { splitNals } from '../../src/core/codec/h264-nal.js';
import { readSliceHead, type SliceHead } from '../../src/core/codec/h264-slice.js';
import { parseSps } from '../../src/core/codec/h264-sps.js';
import { parseVideoTag, type VideoTag } from '../../src/core/flv/video-tag.js';
import { packAccessUnit } from '../../src/core/rtp/pack-h264.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import type { ActorSettings, LogFields, LogLevel, MediaInfo, VideoWay } from '../contract.js';
import type { KeyPicture } from '../media/still.js';
import type { VideoConfig } from '../media/video-decoder.js';
import { createCodedGop } from './coded-gop.js';
import { createFrameRate } from './frame-rate.js';
import { createRenditionFeed, type RenditionFeed, type RenditionFeedOptions } from './rendition-feed.js';

export type { RenditionFeed, RenditionSpec } from './rendition-feed.js';

export interface VideoPathOptions {
  /** Of the source's own form. */
  readonly log: PacketLog;
  readonly settings: ActorSettings['media'];
  /** RTP time (90 kHz, wrapped and with its random offset) of a media time. */
  readonly rtpTime: (mediaMs: number) => number;
  readonly openThread: RenditionFeedOptions['openThread'];
  readonly report: (level: LogLevel, event: string, fields: LogFields) => void;
  readonly onInfo: (info: MediaInfo['video']) => void;
  /** A whole access unit stands in the log. */
  readonly onPicture: () => void;
  /** `isPlayable` has changed, or the codec: viewers may need another form now. */
  readonly onChange: () => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface VideoPath {
  /** One RTMP video message at its decoding time. Throws WireError on bytes that are no FLV video tag. */
  receive(mediaMs: number, body: Uint8Array): void;
  /** Begins to make a rendition into `log`. */
  openRendition(spec: RenditionFeedOptions['spec'], log: PacketLog, onPicture: () => void): RenditionFeed;
  /** False: browsers cannot play the source's own form. */
  readonly isPlayable: boolean;
  readonly frames: number;
  readonly keyFrames: number;
  readonly way: VideoWay;
  /** The newest one of the source; null when none has come. */
  keyPicture(): KeyPicture | null;
}

type Frame = Extract<VideoTag, { kind: 'frame' }>;

export function createVideoPath(options: VideoPathOptions): VideoPath {
  const { log, settings, report } = options;
  let config: { readonly h264: H264Config; readonly source: VideoConfig } | null = null;
  let bFrames: BFrames = initialBFrames();
  let kind: VideoWay['kind'] = 'undecided';
  const feeds = new Set<RenditionFeed>();
  const gop = createCodedGop(settings.gopCacheBytes);
  const rate = createFrameRate();
  const counts = { frames: 0, keyFrames: 0, droppedB: 0 };

  const pack = (nals: readonly Uint8Array[], keyFrame: boolean, presentedMs: number): void => {
    if (config === null || nals.length === 0) return;
    packAccessUnit(log, {
      ...{ nals, keyFrame, parameterSets: config.h264, packetBytes: settings.packetBytes },
      rtpTs: options.rtpTime(presentedMs),
    });
    options.onPicture();
  };

  const decide = (): void => {
    const next = bFrames.present === null ? 'undecided' : bFrames.present ? settings.bFrames : 'pass';
    if (next === kind) return;
    kind = next;
    report('info', 'video.way', { way: kind, reason: bFrames.reason });
    // What was packed one way must not be followed by what is packed another.
    log.forgetGop();
    options.onChange();
  };

  const configure = (data: Uint8Array): void => {
    // A view of what was read from the socket must not hold a whole read in memory.
    const own = Uint8Array.from(data);
    if (config !== null && Buffer.compare(config.source.extraData, own) === 0) return;
    const h264 = parseH264Config(own);
    const [sps] = h264.sps;
    if (sps === undefined) return;
    const parsed = parseSps(sps);
    config = { h264, source: { codec: 'H264', extraData: own } };
    bFrames = configureBFrames(parsed);
    gop.clear();
    for (const feed of feeds) feed.configure(config.source);
    decide();
    const { width, height } = parsed;
    options.onInfo({ codec: 'H264', width, height, profileLevelId: h264.profileLevelId });
  };

  const passOn = (
    nals: readonly Uint8Array[],
    slices: readonly SliceHead[],
    keyFrame: boolean,
    presentedMs: number,
  ) => {
    switch (kind) {
      case 'reencode':
        return;
      case 'drop':
        if (isDisposable(slices)) counts.droppedB += 1;
        else pack(nals, keyFrame, presentedMs);
        return;
      case 'refuse':
        options.onUnsupported('H.264 with B-frames (media.bFrames is refuse)');
        return;
      case 'pass':
      case 'undecided':
        pack(nals, keyFrame, presentedMs);
    }
  };

  const receiveFrame = ({ data, keyFrame, compositionTimeMs }: Frame, mediaMs: number): void => {
    if (config === null) return;
    const nals = splitNals(data, config.h264.nalLengthSize);
    if (nals.length === 0) return;
    counts.frames += 1;
    if (keyFrame) counts.keyFrames += 1;
    const slices = nals.flatMap((nal) => readSliceHead(nal) ?? []);
    bFrames = seePicture(bFrames, { compositionTimeMs, hasB: slices.some(({ isB }) => isB) });
    rate.see(mediaMs, data.length);
    decide();
    const presentedMs = mediaMs + compositionTimeMs;
    const picture = { data, keyFrame, pts90k: presentedMs * 90 };
    gop.add(picture);
    for (const feed of feeds) feed.push(picture);
    passOn(nals, slices, keyFrame, presentedMs);
  };

  return {
    receive(mediaMs, body) {
      const tag = parseVideoTag(body);
      if (tag.kind === 'unsupported') options.onUnsupported(tag.codec);
      else if (tag.kind === 'ignored') return;
      else if (tag.codec !== 'H264') options.onUnsupported(tag.codec);
      else if (tag.kind === 'config') configure(tag.data);
      else if (tag.kind === 'frame') receiveFrame(tag, mediaMs);
    },
    openRendition(spec, renditionLog, onPicture) {
      const feed = createRenditionFeed({
        ...{ spec, settings, rate, report, onPicture, log: renditionLog },
        ...{ openThread: options.openThread, rtpTime: options.rtpTime, cached: () => gop.pictures },
        config: config?.source ?? null,
        onClosed: () => feeds.delete(feed),
      });
      feeds.add(feed);
      return feed;
    },
    keyPicture() {
      const [newest] = gop.pictures;
      return config === null || newest === undefined ? null : { config: config.source, data: newest.data };
    },
    get isPlayable() {
      return kind !== 'reencode';
    },
    get frames() {
      return counts.frames;
    },
    get keyFrames() {
      return counts.keyFrames;
    },
    get way() {
      return { kind, reason: bFrames.reason, droppedB: counts.droppedB };
    },
  };
}

/** True for a picture of B slices from which no other picture is predicted: leaving it out breaks nothing. */
const isDisposable = (slices: readonly SliceHead[]): boolean =>
  slices.length > 0 && slices.every(({ isB, isReference }) => isB && !isReference);
