/**
 * The picture's way from FLV tags to packets: untouched where browsers can play it, and to the renditions that are open.
 * Whether browsers can play it is decided per stream, and anew when the stream changes (ARCHITECTURE.md, Transcoding).
 */
import { type BFrames, initialBFrames, seePicture } from '../../src/core/codec/b-frames.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { SourceCodec } from '../../src/core/codec/video-codecs.js';
import { parseVideoTag, type VideoTag } from '../../src/core/flv/video-tag.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import {
  openFormat,
  openFormatByKey,
  type PictureFormat,
  type ReadPicture,
} from '../../src/core/rtp/picture-format.js';
import type { LogFields, LogLevel } from '../../src/log-line.js';
import type { ActorSettings } from '../contract.js';
import type { KeyPicture } from '../media/still.js';
import { createCodedGop } from '../rendition/coded-gop.js';
import { createRenditionFeed, type RenditionFeed, type RenditionFeedOptions } from '../rendition/feed.js';
import { createFrameRate } from '../rendition/frame-rate.js';
import type { VideoWay } from '../stats.js';

export type { RenditionFeed, RenditionSpec } from '../rendition/feed.js';

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
  /**
   * One RTMP video message. `place` gives its decoding time on the media time-line, and is asked for pictures alone, once. Throws
   * WireError on bytes that are no FLV video tag.
   */
  receive(place: () => number, body: Uint8Array): void;
  /** Begins to make a rendition into `log`. */
  openRendition(spec: RenditionFeedOptions['spec'], log: PacketLog, onPicture: () => void): RenditionFeed;
  /** False: browsers cannot play the source's own form. */
  readonly isPlayable: boolean;
  readonly frames: number;
  readonly keyFrames: number;
  readonly way: VideoWay;
  /** Bits a second of the source's own form; null while unknown. */
  readonly sourceBps: number | null;
  /** The newest one of the source; null when none has come. */
  keyPicture(): KeyPicture | null;
}

type Frame = Extract<VideoTag, { kind: 'frame' }>;

export function createVideoPath(options: VideoPathOptions): VideoPath {
  const { log, settings, report } = options;
  let format: PictureFormat | null = null;
  /** What the source last configured, whether or not that said all. */
  let header: { readonly codec: SourceCodec; readonly record: Uint8Array } | null = null;
  let bFrames: BFrames = initialBFrames();
  let kind: VideoWay['kind'] = 'undecided';
  const feeds = new Set<RenditionFeed>();
  const gop = createCodedGop(settings.gopCacheBytes);
  const rate = createFrameRate();
  const counts = { frames: 0, keyFrames: 0, droppedB: 0 };

  const decide = (): void => {
    const next = bFrames.present === null ? 'undecided' : bFrames.present ? settings.bFrames : 'pass';
    if (next === kind) return;
    kind = next;
    report('info', 'video.way', { way: kind, reason: bFrames.reason });
    // What was packed one way must not be followed by what is packed another.
    log.forgetGop();
    options.onChange();
  };

  const adopt = (opened: PictureFormat): void => {
    const isOther = format?.info.codec !== opened.info.codec;
    format = opened;
    bFrames = opened.bFrames;
    gop.clear();
    for (const feed of feeds) feed.configure(opened.config);
    // Packets of two codecs do not make one group of pictures.
    if (isOther) log.forgetGop();
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

  /** Some codecs tell their form in key pictures, in place of a sequence header or beside it. */
  const recognise = ({ codec, keyFrame, data }: Frame): PictureFormat | null => {
    if (keyFrame && (codec === 'VP9' || format?.info.codec !== codec)) {
      const opened = openFormatByKey(codec, header?.codec === codec ? header.record : null, data);
      if (opened !== null && JSON.stringify(opened.info) !== JSON.stringify(format?.info)) adopt(opened);
    }
    return format?.info.codec === codec ? format : null;
  };

  const passOn = (picture: ReadPicture, keyFrame: boolean, presentedMs: number): void => {
    switch (kind) {
      case 'reencode':
        return;
      case 'refuse':
        options.onUnsupported('pictures with B-frames (media.bFrames is refuse)');
        return;
      case 'drop':
        if (!picture.isDisposable) break;
        counts.droppedB += 1;
        return;
      case 'pass':
      case 'undecided':
        break;
    }
    picture.pack(log, { keyFrame, rtpTs: options.rtpTime(presentedMs), packetBytes: settings.packetBytes });
    options.onPicture();
  };

  const receiveFrame = (frame: Frame, mediaMs: number): void => {
    const { data, keyFrame, compositionTimeMs } = frame;
    const read = recognise(frame)?.read(data) ?? null;
    if (read === null) return;
    counts.frames += 1;
    if (keyFrame) counts.keyFrames += 1;
    bFrames = seePicture(bFrames, { compositionTimeMs, hasB: read.hasB });
    rate.see(mediaMs, data.length);
    decide();
    const presentedMs = mediaMs + compositionTimeMs;
    const picture = { data, keyFrame, pts90k: presentedMs * 90 };
    gop.add(picture);
    for (const feed of feeds) feed.push(picture);
    passOn(read, keyFrame, presentedMs);
  };

  return {
    receive(place, body) {
      const tag = parseVideoTag(body);
      if (tag.kind === 'config') configure(tag.codec, tag.data);
      else if (tag.kind === 'unsupported') options.onUnsupported(tag.codec);
      else if (tag.kind === 'frame') receiveFrame(tag, place());
    },
    openRendition(spec, renditionLog, onPicture) {
      const feed = createRenditionFeed({
        spec,
        settings,
        rate,
        report,
        onPicture,
        log: renditionLog,
        openThread: options.openThread,
        rtpTime: options.rtpTime,
        cached: () => gop.pictures,
        config: format?.config ?? null,
        onClosed: () => feeds.delete(feed),
      });
      feeds.add(feed);
      return feed;
    },
    keyPicture() {
      const [newest] = gop.pictures;
      return format === null || newest === undefined ? null : { config: format.config, data: newest.data };
    },
    get sourceBps() {
      return rate.sourceBps;
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
