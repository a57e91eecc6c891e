/**
 * The path of video from FLV tags to packets: untouched where browsers can play it, and to the renditions that are open.
 * Whether browsers can play it is read from its pictures, and again when the stream changes (ARCHITECTURE.md, Transcoding).
 */
import type { Picture, PictureFormat } from '../../src/core/access-unit/picture.js';
import { VideoJudge } from '../../src/core/access-unit/video-judge.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { createPicturePacker } from '../../src/core/rtp/pack-picture.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { Presentation } from '../../src/core/timeline/presentation.js';
import { SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorHost } from '../contract.js';
import type { VideoUnit } from '../fragments/units.js';
import type { Keyframe } from '../media/still.js';
import { type CodedGop, createCodedGop } from '../rendition/coded-gop.js';
import { createRenditionFeed, type RenditionFeed, type RenditionFeedOptions } from '../rendition/feed.js';
import { createFrameRate } from '../rendition/frame-rate.js';
import type { ActorSettings } from '../settings.js';
import type { StreamStats } from '../stats.js';
import { createFirstPicture } from './first-picture.js';
import { createPictureSource, type PictureSource, type PictureSourceOptions } from './picture-source.js';
import { createVideoReport, type VideoReport } from './video-report.js';

export type { RenditionFeed, RenditionSpec } from '../rendition/feed.js';

export interface VideoPathOptions extends Pick<PictureSourceOptions, 'onUnusable'> {
  /** Of the source's own encoding. */
  readonly history: RtpHistory;
  readonly settings: ActorSettings['media'];
  /** RTP time (90 kHz, wrapped and with its random offset) of a media time. */
  readonly rtpTime: (mediaMs: number) => number;
  readonly openThread: RenditionFeedOptions['openThread'];
  readonly decodes: ActorHost['decodes'];
  readonly log: Logger;
  readonly onInfo: (info: MediaInfo['video']) => void;
  /** Each frame as the source coded it. */
  readonly onUnit: (unit: VideoUnit) => void;
  /** A whole access unit stands in the history. */
  readonly onAccessUnit: () => void;
  /** `isPlayable` has changed, or the codec: viewers may need another encoding now. */
  readonly onChange: () => void;
  /** A picture came that can be shown, by itself or by a rendition. */
  readonly onUsed: () => void;
}

export interface VideoPath extends Pick<PictureSource, 'receive' | 'glance' | 'newSession' | 'close'> {
  /** Begins to make a rendition into `history`. */
  openRendition(
    spec: RenditionFeedOptions['spec'],
    history: RtpHistory,
    onFrame: RenditionFeedOptions['onFrame'],
  ): RenditionFeed;
  /** Frames of so many bytes are about to come at once. */
  expect(bytes: number): void;
  /** Frames that came do not go together with those that will: nobody may begin with them. Their memory is given back. */
  forgetGop(): void;
  /** What is said of the video does not depend on the frames to come. */
  readonly isSettled: boolean;
  /** False: browsers cannot play the source's own encoding. */
  readonly isPlayable: boolean;
  readonly report: Pick<VideoReport, 'isEncodable' | 'setWatched'>;
  readonly stats: Pick<StreamStats, 'videoFrames' | 'videoKeyframes' | 'videoPath'>;
  /** Bits a second of the source's own encoding; null while unknown. */
  readonly sourceBps: number | null;
  /** The newest one of the source. Error: stream.notLive when none has come. */
  keyframe(): Promise<Keyframe>;
}

export function createVideoPath(options: VideoPathOptions): VideoPath {
  const { history, settings, log } = options;
  const judge = new VideoJudge(settings.bFrames, settings.packetBytes);
  let { decision } = judge;
  const pack = createPicturePacker(history);
  const presentation = new Presentation();
  const feeds = new Set<RenditionFeed>();
  const gop = createCodedGop(settings.gopCacheBytes);
  const first = createFirstPicture();
  const rate = createFrameRate();
  const counts = { frames: 0, keyframes: 0, droppedB: 0 };
  const report = createVideoReport(options);

  const decide = (): void => {
    const before = decision;
    decision = judge.decision;
    if (decision.kind === before.kind) return;
    log('info', 'video.path', { path: decision.kind, reason: decision.reason });
    // What was packed before the decision and what is packed after it do not make one GOP.
    history.forgetGop();
    options.onChange();
  };

  const adopt = (format: PictureFormat): void => {
    if (format === judge.format) return;
    const isOtherCodec = judge.adopt(format);
    presentation.begin();
    report.otherFormat();
    gop.clear();
    for (const feed of feeds) feed.configure(format.config);
    // Packets of two codecs do not make one GOP.
    if (isOtherCodec) history.forgetGop();
    options.onInfo(format.info);
    decide();
    if (isOtherCodec) options.onChange();
  };

  const passOn = (picture: Picture, presentedMs: number, isLeftOut: boolean): void => {
    const { kind } = decision;
    if (isLeftOut) counts.droppedB += 1;
    if (isLeftOut || kind === 'reencode' || kind === 'refuse') return;
    const rtpTs = options.rtpTime(presentation.passedMs(presentedMs));
    pack(picture, { rtpTs, packetBytes: settings.packetBytes });
    options.onAccessUnit();
  };
  const take = (picture: Picture): void => {
    adopt(picture.format);
    const { data, start, mediaMs, compositionTimeMs, format, isDisposable } = picture;
    counts.frames += 1;
    if (start !== null) counts.keyframes += 1;
    judge.see(picture);
    rate.see(mediaMs, data.length);
    decide();
    const presentedMs = presentation.presentedMs(mediaMs, compositionTimeMs, format.reorderFrames);
    const isKeyframe = start !== null;
    const unit = { data, isKeyframe, isGradual: start === 'gradual', isDisposable, pts90k: presentedMs * 90 };
    gop.add(unit);
    first.came();
    const isLeftOut = decision.kind === 'drop' && picture.hasB && isDisposable;
    options.onUnit({ track: 'video', format, data, isKeyframe, isLeftOut, dtsMs: mediaMs, ptsMs: presentedMs });
    for (const feed of feeds) feed.push(unit);
    report.came({ decision, format, isStart: start !== null, units: gop.units, feeds, mediaMs });
    passOn(picture, presentedMs, isLeftOut);
  };

  const source = createPictureSource({
    onFormat: adopt,
    onPicture: take,
    onUnusable: options.onUnusable,
    onEntryGlanced: () => judge.glancedEntry(),
  });

  return {
    receive: source.receive,
    newSession() {
      source.newSession();
      report.newSession();
    },
    close: source.close,
    glance: source.glance,
    openRendition(spec, renditionHistory, onFrame) {
      const feed = createRenditionFeed({
        ...options,
        spec,
        rate,
        onFrame,
        history: renditionHistory,
        cached: () => gop.units,
        shownAfterMs: () => presentation.latestMs,
        config: judge.format?.config ?? null,
        onClosed: () => feeds.delete(feed),
      });
      feeds.add(feed);
      return feed;
    },
    report,
    expect: (bytes) => history.reserve(bytes),
    forgetGop() {
      gop.clear();
      history.clear();
    },
    get isSettled() {
      // Without a keyframe there is nothing to keep. Refused frames are counted, until the source is given up for them.
      if (judge.format === null) return !source.hasCome;
      return counts.keyframes > 0 && judge.isSure && decision.kind !== 'refuse';
    },
    keyframe: () => first.wait().then(() => newestKeyframe(judge.format, gop.units)),
    get sourceBps() {
      return rate.sourceBps;
    },
    get isPlayable() {
      return decision.kind !== 'reencode';
    },
    get stats() {
      const { frames, keyframes, droppedB } = counts;
      return { videoFrames: frames, videoKeyframes: keyframes, videoPath: { ...decision, droppedB } };
    },
  };
}

/** What begins gradually is whole where the next one begins. */
function newestKeyframe(format: PictureFormat | null, units: CodedGop['units']): Keyframe {
  const [first] = units;
  if (format === null || first === undefined) throw new SluiceError('stream.notLive', 'no keyframe has come');
  const next = units.findLastIndex(({ isKeyframe }) => isKeyframe);
  const frames = first.isGradual !== true ? [first] : next > 0 ? units.slice(0, next + 1) : units;
  return { config: format.config, frames: frames.map(({ data }) => data) };
}
