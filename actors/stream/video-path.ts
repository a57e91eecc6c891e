/**
 * The path of video from FLV tags to packets: untouched where browsers can play it, and to the renditions that are open.
 * Whether browsers can play it is decided per stream, and again when the stream changes (ARCHITECTURE.md, Transcoding).
 */
import { type BFrames, initialBFrames, seeFrame } from '../../src/core/codec/b-frames.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { VideoTag } from '../../src/core/flv/video-tag.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { ReadAccessUnit } from '../../src/core/rtp/video-format.js';
import { SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorSettings } from '../contract.js';
import type { Keyframe } from '../media/still.js';
import { createCodedGop } from '../rendition/coded-gop.js';
import { createRenditionFeed, type RenditionFeed, type RenditionFeedOptions } from '../rendition/feed.js';
import { createFrameRate } from '../rendition/frame-rate.js';
import type { StreamStats, VideoPathStats } from '../stats.js';
import { createVideoFormatReader, type FrameTag } from './video-format-reader.js';

export type { RenditionFeed, RenditionSpec } from '../rendition/feed.js';

export interface VideoPathOptions {
  /** Of the source's own encoding. */
  readonly history: RtpHistory;
  readonly settings: ActorSettings['media'];
  /** RTP time (90 kHz, wrapped and with its random offset) of a media time. */
  readonly rtpTime: (mediaMs: number) => number;
  readonly openThread: RenditionFeedOptions['openThread'];
  readonly log: Logger;
  readonly onInfo: (info: MediaInfo['video']) => void;
  /** A whole access unit stands in the history. */
  readonly onAccessUnit: () => void;
  /** `isPlayable` has changed, or the codec: viewers may need another encoding now. */
  readonly onChange: () => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface VideoPath {
  /** `place` gives the decoding time on the media time-line, and is asked for frames alone, once. Throws WireError. */
  receive(tag: VideoTag, place: () => number): void;
  /** Begins to make a rendition into `history`. */
  openRendition(spec: RenditionFeedOptions['spec'], history: RtpHistory, onAccessUnit: () => void): RenditionFeed;
  /** Frames of so many bytes are about to come at once. */
  expect(bytes: number): void;
  /** Frames that came do not go together with those that will: nobody may begin with them. Their memory is given back. */
  forgetGop(): void;
  /** What is said of the video does not depend on the frames to come. */
  readonly isSettled: boolean;
  /** False: browsers cannot play the source's own encoding. */
  readonly isPlayable: boolean;
  readonly stats: Pick<StreamStats, 'videoFrames' | 'videoKeyframes' | 'videoPath'>;
  /** Bits a second of the source's own encoding; null while unknown. */
  readonly sourceBps: number | null;
  /** The newest one of the source. Error: stream.notLive when none has come. */
  keyframe(): Keyframe;
}

export function createVideoPath(options: VideoPathOptions): VideoPath {
  const { history, settings, log } = options;
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
    // What was packed before the decision and what is packed after it do not make one GOP.
    history.forgetGop();
    options.onChange();
  };

  const reader = createVideoFormatReader((format, isOtherCodec) => {
    bFrames = format.bFrames;
    gop.clear();
    for (const feed of feeds) feed.configure(format.config);
    // Packets of two codecs do not make one GOP.
    if (isOtherCodec) history.forgetGop();
    options.onInfo(format.info);
    decide();
    if (isOtherCodec) options.onChange();
  });

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

  const receiveFrame = (frame: FrameTag, mediaMs: number): void => {
    const { data, isKeyframe, compositionTimeMs } = frame;
    const read = reader.formatOf(frame)?.read(data) ?? null;
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
      if (tag.kind === 'config') reader.configure(tag.codec, tag.data);
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
        config: reader.format?.config ?? null,
        onClosed: () => feeds.delete(feed),
      });
      feeds.add(feed);
      return feed;
    },
    expect: (bytes) => history.reserve(bytes),
    forgetGop() {
      gop.clear();
      history.clear();
    },
    get isSettled() {
      // Without a keyframe there is nothing to keep. Refused frames are counted, until the source is given up for them.
      return reader.format === null || (counts.keyframes > 0 && bFrames.isSure && kind !== 'refuse');
    },
    keyframe() {
      const { format } = reader;
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
