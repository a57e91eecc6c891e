/**
 * The picture's way from FLV tags to packets: untouched where browsers can play it, and to the renditions that are open.
 * Whether browsers can play it is decided per stream, and anew when the stream changes (ARCHITECTURE.md, Transcoding).
 */
import { type BFrames, initialBFrames, seeFrame } from '../../src/core/codec/b-frames.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { SourceCodec } from '../../src/core/codec/video-codecs.js';
import type { VideoTag } from '../../src/core/flv/video-tag.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { openFormat, openFormatByKey, type ReadAccessUnit, type VideoFormat } from '../../src/core/rtp/video-format.js';
import { SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorSettings } from '../contract.js';
import type { Keyframe } from '../media/still.js';
import { createCodedGop } from '../rendition/coded-gop.js';
import { createRenditionFeed, type RenditionFeed, type RenditionFeedOptions } from '../rendition/feed.js';
import { createFrameRate } from '../rendition/frame-rate.js';
import type { StreamStats, VideoPathStats } from '../stats.js';

export type { RenditionFeed, RenditionSpec } from '../rendition/feed.js';

export interface VideoPathOptions {
  /** Of the source's own form. */
  readonly history: RtpHistory;
  readonly settings: ActorSettings['media'];
  /** RTP time (90 kHz, wrapped and with its random offset) of a media time. */
  readonly rtpTime: (mediaMs: number) => number;
  readonly openThread: RenditionFeedOptions['openThread'];
  readonly log: Logger;
  readonly onInfo: (info: MediaInfo['video']) => void;
  /** A whole access unit stands in the log. */
  readonly onAccessUnit: () => void;
  /** `isPlayable` has changed, or the codec: viewers may need another form now. */
  readonly onChange: () => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface VideoPath {
  /** `place` gives the decoding time on the media time-line, and is asked for frames alone, once. Throws WireError. */
  receive(tag: VideoTag, place: () => number): void;
  /** Begins to make a rendition into `history`. */
  openRendition(spec: RenditionFeedOptions['spec'], history: RtpHistory, onAccessUnit: () => void): RenditionFeed;
  /** False: browsers cannot play the source's own form. */
  readonly isPlayable: boolean;
  readonly stats: Pick<StreamStats, 'videoFrames' | 'videoKeyframes' | 'videoPath'>;
  /** Bits a second of the source's own form; null while unknown. */
  readonly sourceBps: number | null;
  /** The newest one of the source. Error: stream.notLive when none has come. */
  keyframe(): Keyframe;
}

type Frame = Extract<VideoTag, { kind: 'frame' }>;

export function createVideoPath(options: VideoPathOptions): VideoPath {
  const { history, settings, log } = options;
  let format: VideoFormat | null = null;
  /** What the source last configured, whether or not that said all. */
  let header: { readonly codec: SourceCodec; readonly record: Uint8Array } | null = null;
  let bFrames: BFrames = initialBFrames();
  let kind: VideoPathStats['kind'] = 'undecided';
  const feeds = new Set<RenditionFeed>();
  const gop = createCodedGop(settings.gopCacheBytes);
  const rate = createFrameRate();
  const counts = { frames: 0, keyframes: 0, droppedB: 0 };

  const decide = (): void => {
    const next = bFrames.present === null ? 'undecided' : bFrames.present ? settings.bFrames : 'pass';
    if (next === kind) return;
    kind = next;
    log('info', 'video.path', { path: kind, reason: bFrames.reason });
    // What was packed one way must not be followed by what is packed another.
    history.forgetGop();
    options.onChange();
  };

  const adopt = (opened: VideoFormat): void => {
    const isOther = format?.info.codec !== opened.info.codec;
    format = opened;
    bFrames = opened.bFrames;
    gop.clear();
    for (const feed of feeds) feed.configure(opened.config);
    // Packets of two codecs do not make one GOP.
    if (isOther) history.forgetGop();
    options.onInfo(opened.info);
    decide();
    if (isOther) options.onChange();
  };

  const configure = (codec: SourceCodec, data: Uint8Array): void => {
    if (header?.codec === codec && Buffer.compare(header.record, data) === 0) return;
    // A view of what was read from the socket must not hold a whole read in memory.
    header = { codec, record: Uint8Array.from(data) };
    const opened = openFormat(codec, header.record);
    if (opened !== null) adopt(opened);
  };

  /** Some codecs tell their form in keyframes, in place of a sequence header or beside it. */
  const recognise = ({ codec, isKeyframe, data }: Frame): VideoFormat | null => {
    if (isKeyframe && (codec === 'VP9' || format?.info.codec !== codec)) {
      const opened = openFormatByKey(codec, header?.codec === codec ? header.record : null, data);
      if (opened !== null && JSON.stringify(opened.info) !== JSON.stringify(format?.info)) adopt(opened);
    }
    return format?.info.codec === codec ? format : null;
  };

  const passOn = (unit: ReadAccessUnit, isKeyframe: boolean, presentedMs: number): void => {
    switch (kind) {
      case 'reencode':
        return;
      case 'refuse':
        options.onUnsupported('frames with B-frames (media.bFrames is refuse)');
        return;
      case 'drop':
        if (!unit.isDisposable) break;
        counts.droppedB += 1;
        return;
      case 'pass':
      case 'undecided':
        break;
    }
    unit.pack(history, { isKeyframe, rtpTs: options.rtpTime(presentedMs), packetBytes: settings.packetBytes });
    options.onAccessUnit();
  };

  const receiveFrame = (frame: Frame, mediaMs: number): void => {
    const { data, isKeyframe, compositionTimeMs } = frame;
    const read = recognise(frame)?.read(data) ?? null;
    if (read === null) return;
    counts.frames += 1;
    if (isKeyframe) counts.keyframes += 1;
    bFrames = seeFrame(bFrames, { compositionTimeMs, hasB: read.hasB });
    rate.see(mediaMs, data.length);
    decide();
    const presentedMs = mediaMs + compositionTimeMs;
    const unit = { data, isKeyframe, pts90k: presentedMs * 90 };
    gop.add(unit);
    for (const feed of feeds) feed.push(unit);
    passOn(read, isKeyframe, presentedMs);
  };

  return {
    receive(tag, place) {
      if (tag.kind === 'config') configure(tag.codec, tag.data);
      else if (tag.kind === 'unsupported') options.onUnsupported(tag.codec);
      else if (tag.kind === 'frame') receiveFrame(tag, place());
    },
    openRendition(spec, renditionHistory, onAccessUnit) {
      const feed = createRenditionFeed({
        spec,
        settings,
        rate,
        log,
        onAccessUnit,
        history: renditionHistory,
        openThread: options.openThread,
        rtpTime: options.rtpTime,
        cached: () => gop.units,
        config: format?.config ?? null,
        onClosed: () => feeds.delete(feed),
      });
      feeds.add(feed);
      return feed;
    },
    keyframe() {
      const [newest] = gop.units;
      if (format === null || newest === undefined) throw new SluiceError('stream.notLive', 'no keyframe has come');
      return { config: format.config, data: newest.data };
    },
    get sourceBps() {
      return rate.sourceBps;
    },
    get isPlayable() {
      return kind !== 'reencode';
    },
    get stats() {
      const { frames: videoFrames, keyframes: videoKeyframes, droppedB } = counts;
      return { videoFrames, videoKeyframes, videoPath: { kind, reason: bFrames.reason, droppedB } };
    },
  };
}
