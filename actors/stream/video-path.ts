/**
 * The picture's way from FLV tags to packets: untouched where browsers can play it, by a rendition where it has B-frames
 * (ARCHITECTURE.md, Transcoding). Which way is decided per stream, and anew when the stream changes.
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
import type { VideoConfig } from '../media/video-decoder.js';
import { createCodedGop } from './coded-gop.js';
import { createFrameRate } from './frame-rate.js';
import { createRendition, type Rendition, type RenditionOptions } from './rendition.js';

export interface VideoPathOptions {
  readonly log: PacketLog;
  readonly settings: ActorSettings['media'];
  /** RTP time (90 kHz, wrapped and with its random offset) of a media time. */
  readonly rtpTime: (mediaMs: number) => number;
  readonly openRendition: RenditionOptions['open'];
  readonly report: (level: LogLevel, event: string, fields: LogFields) => void;
  readonly onInfo: (info: MediaInfo['video']) => void;
  /** A whole access unit stands in the log. */
  readonly onPicture: () => void;
  readonly onUnsupported: (codec: string) => void;
}

export interface VideoPath {
  /** One RTMP video message at its decoding time. Throws WireError on bytes that are no FLV video tag. */
  receive(mediaMs: number, body: Uint8Array): void;
  /** A rendition runs only while somebody watches. */
  setWanted(wanted: boolean): void;
  readonly frames: number;
  readonly keyFrames: number;
  readonly way: VideoWay;
  close(): void;
}

type Frame = Extract<VideoTag, { kind: 'frame' }>;

/** After the last viewer a rendition goes on for a moment: whoever reloads the page does not start it anew. */
const lingerMs = 5000;

export function createVideoPath(options: VideoPathOptions): VideoPath {
  const { log, settings, report } = options;
  let config: { readonly h264: H264Config; readonly source: VideoConfig } | null = null;
  let bFrames: BFrames = initialBFrames();
  let kind: VideoWay['kind'] = 'undecided';
  let rendition: Rendition | null = null;
  let wanted = false;
  let lingering: NodeJS.Timeout | null = null;
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

  const closeRendition = (): void => {
    if (rendition === null) return;
    rendition.close();
    rendition = null;
    // Nobody keeps its pictures up to date: whoever comes next must not begin with the old ones.
    log.forgetGop();
  };

  const openRendition = (): void => {
    if (rendition !== null || config === null || !wanted || kind !== 'reencode') return;
    const bitrateKbps = settings.encodeBitrateKbps || rate.bitrateKbps;
    const { encodePreset: preset, encodeThreads: threads } = settings;
    const wish = { width: null, height: null, bitrateKbps, fps: rate.fps, preset, threads };
    report('info', 'rendition.open', { bitrateKbps, fps: rate.fps, reason: bFrames.reason });
    rendition = createRendition({
      ...{ wish, report, open: options.openRendition, config: config.source, cached: () => gop.pictures },
      onPicture: ({ nals, keyFrame, pts90k }) => pack(nals, keyFrame, pts90k / 90),
    });
  };

  const decide = (): void => {
    const next = bFrames.present === null ? 'undecided' : bFrames.present ? settings.bFrames : 'pass';
    if (next === kind) return;
    kind = next;
    report('info', 'video.way', { way: kind, reason: bFrames.reason });
    closeRendition();
    log.forgetGop();
    openRendition();
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
    closeRendition();
    gop.clear();
    decide();
    openRendition();
    const { width, height } = parsed;
    options.onInfo({ codec: 'H264', width, height, profileLevelId: h264.profileLevelId });
  };

  const receiveFrame = (frame: Frame, mediaMs: number): void => {
    if (config === null) return;
    const nals = splitNals(frame.data, config.h264.nalLengthSize);
    if (nals.length === 0) return;
    counts.frames += 1;
    if (frame.keyFrame) counts.keyFrames += 1;
    const slices = nals.flatMap((nal) => readSliceHead(nal) ?? []);
    bFrames = seePicture(bFrames, { compositionTimeMs: frame.compositionTimeMs, hasB: slices.some(({ isB }) => isB) });
    rate.see(mediaMs, frame.data.length);
    decide();
    const presentedMs = mediaMs + frame.compositionTimeMs;
    switch (kind) {
      case 'reencode': {
        const picture = { data: frame.data, keyFrame: frame.keyFrame, pts90k: presentedMs * 90 };
        gop.add(picture);
        rendition?.push(picture);
        return;
      }
      case 'drop':
        if (isDisposable(slices)) counts.droppedB += 1;
        else pack(nals, frame.keyFrame, presentedMs);
        return;
      case 'refuse':
        options.onUnsupported('H.264 with B-frames (media.bFrames is refuse)');
        return;
      case 'pass':
      case 'undecided':
        pack(nals, frame.keyFrame, presentedMs);
    }
  };

  return {
    receive(mediaMs, body) {
      const tag = parseVideoTag(body);
      if (tag.kind === 'config') configure(tag.data);
      else if (tag.kind === 'unsupported') options.onUnsupported(tag.codec);
      else if (tag.kind === 'frame') receiveFrame(tag, mediaMs);
    },
    setWanted(next) {
      wanted = next;
      if (lingering !== null) clearTimeout(lingering);
      lingering = next ? null : setTimeout(closeRendition, lingerMs);
      openRendition();
    },
    get frames() {
      return counts.frames;
    },
    get keyFrames() {
      return counts.keyFrames;
    },
    get way() {
      const { meanMs, skipped } = rendition ?? { meanMs: null, skipped: 0 };
      return { kind, reason: bFrames.reason, encodeMeanMs: meanMs, skipped, droppedB: counts.droppedB };
    },
    close() {
      if (lingering !== null) clearTimeout(lingering);
      closeRendition();
    },
  };
}

/** True for a picture of B slices from which no other picture is predicted: leaving it out breaks nothing. */
const isDisposable = (slices: readonly SliceHead[]): boolean =>
  slices.length > 0 && slices.every(({ isB, isReference }) => isB && !isReference);
