/**
 * The data path of one stream, in the order the bytes travel:
 *
 * sources (RTMP, WebRTC) -> demuxer (FLV, source clock) -> video path | audio path (codec, Opus) -> RTP histories -> viewers.
 *
 * While nobody watches, frames stop before the demuxer (idle GOP), and the socket is read less often.
 */
import { encodingClockHz, ofEachEncoding, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { MissingTrack } from '../../src/core/codec/media-info.js';
import { createRtpHistory, type RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { rtpTime, trackRtpTime } from '../../src/core/rtp/rtp-time.js';
import { readStreamTimeline } from '../../src/core/timeline/stream-timeline.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorBoot, ActorEvent, SourcePlace } from '../contract.js';
import type { NativeGuard } from '../media/native.js';
import type { Keyframe } from '../media/still.js';
import { createRenditionPool } from '../rendition/pool.js';
import type { Host } from '../runtime/host.js';
import type { OnBeat } from '../source/rest.js';
import type { StreamStats } from '../stats.js';
import { type Audience, createAudience } from '../viewers/audience.js';
import { type AudioPath, createAudioPath } from './audio-path.js';
import { createDemuxer, type Demuxer } from './demuxer.js';
import { createHoldings, type StreamHoldings } from './holdings.js';
import type { IdleGop } from './idle-gop.js';
import { createIntake, type Intake } from './intake.js';
import { createMediaKnowledge } from './media-knowledge.js';
import type { StreamCode } from './stream-code.js';
import { createTakers, type Takers } from './takers.js';
import { createTrackHealth } from './track-health.js';
import { createVideoPath, type VideoPath } from './video-path.js';

/** 10 s of Opus at 64 kbit/s are 80 kB in 500 packets: far more than any viewer asks to have sent again. */
const audioHistoryBytes = 262_144;
const audioHistoryPackets = 1024;
const videoHistoryPackets = 65_536;

export interface PipelineOptions {
  readonly boot: ActorBoot;
  readonly host: Host;
  readonly guard: NativeGuard;
  readonly code: StreamCode;
  /** How late the event loop of this thread was lately. */
  readonly loopLagMs: () => number;
  /** At each heartbeat of this thread (actors/runtime/beat.ts). */
  readonly onBeat: OnBeat;
  readonly log: Logger;
  readonly post: (event: ActorEvent) => void;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** UTC in ms that runs with `nowMs`. */
  readonly wallMs: () => number;
}

export interface Pipeline {
  readonly viewers: Audience;
  /** What there is to give up when memory is short: what is cached of the video, and renditions that only wishes need. */
  readonly holdings: StreamHoldings;
  readonly takers: Pick<Takers, 'openFragments' | 'openPackets' | 'players'>;
  start(): void;
  /** From now on the stream is taken from there (actors/source/sources.ts). */
  pointTo(place: SourcePlace): void;
  stats(): Promise<StreamStats>;
  /** Error: stream.notLive when no keyframe has come. */
  keyframe(): Promise<Keyframe>;
  stop(): Promise<void>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { log, post, nowMs, wallMs, boot, code, guard, host } = options;
  const { spec, settings } = boot;
  const { media, rtmp } = settings;
  const maxBytes = media.gopCacheBytes;
  const knowledge = createMediaKnowledge({
    expectsVideo: spec.hasVideo,
    onChange(media) {
      post({ kind: 'source.media', media });
      viewers.informed();
    },
  });
  const histories = createHistories(maxBytes);
  const { offsets, line } = readStreamTimeline(spec.timeline);
  const rtpTimeOf = (track: SentTrack, mediaMs: number | null): number | null =>
    mediaMs === null ? null : trackRtpTime(track, mediaMs, offsets, audio.skews48k);
  const onMissing = (missing: readonly MissingTrack[]): void => intake.healthChanged(missing);
  const isVideoExpected = (): boolean => knowledge.info.video !== null;
  const onUseless = (codecs: string): void => intake.refuse('source.unsupportedCodec', codecs);
  const health = createTrackHealth({ isVideoExpected, nowMs, log, onMissing, onUseless });
  const renditions = createRenditionPool({ maxBytes, open: (...wanted) => video.openRendition(...wanted) });
  const viewers = createAudience({
    boot,
    media: () => knowledge.info,
    whenMediaKnown: knowledge.wait,
    isMediaKnown: () => knowledge.settled,
    log,
    post,
    nowMs,
    offsets,
    histories,
    loadViewing: code.viewing,
    onPort: post,
    wallMs,
    rtpTimeAt: (track, atMs) => rtpTimeOf(track, demuxer.mediaMsAt(atMs)),
    renditions,
    pulse: () => ({ lagMs: demuxer.lagMs, skews48k: audio.skews48k, sourceBps: video.sourceBps }),
    openShard: host.openShard,
    loopLagMs: options.loopLagMs,
    isPlayable: () => video.isPlayable,
    isSparing: () => holdings.isSparing || !video.report.isEncodable,
    isVideoExpected: () => knowledge.isVideoExpected,
    sourceBps: () => video.sourceBps,
    onWanted: (wanted) => audio.setWanted(wanted),
    onWatched: (isWatched) => intake.setWatched('viewers', isWatched),
  });
  const takers = createTakers({
    ...options,
    knowledge,
    renditions,
    paths: () => ({ video, audio }),
    delayMs: () => intake.linkDelayMs,
    onWanted: (who, isWanted) => intake.setWatched(who, isWanted),
  });
  const video = createVideoPath({
    history: histories.video,
    settings: media,
    openThread: host.openRendition,
    decodes: host.decodes,
    log,
    rtpTime: (mediaMs) => rtpTime(mediaMs, 90_000, offsets.video),
    onInfo: knowledge.setVideo,
    onUnit: takers.pushVideo,
    onAccessUnit: () => viewers.published('video'),
    onChange: () => reconsider(viewers, takers),
    ...health.reporterOf('video'),
  });
  const audio = createAudioPath({
    histories,
    bitrateKbps: media.opusBitrateKbps,
    opusFrameMs: media.opusFrameMs,
    guard,
    loadAudio: code.audio,
    log,
    rtpTime: (encoding, ts48k) => rtpTime(ts48k / 48, encodingClockHz[encoding], offsets.audio),
    onInfo: knowledge.setAudio,
    onUnit: takers.pushAudio,
    onAudio: (encoding) => viewers.published(encoding),
    ...health.reporterOf('audio'),
  });

  const holdings = createHoldings(() => ({ histories, renditions, idleGop: intake.idleGop, video, viewers }), log);
  const demuxer = createDemuxer({ spec, line, rtmp, video, audio, knowledge, health, post, nowMs, wallMs, log });
  const intake = createIntake({
    ...options,
    uris: [spec.uri, ...spec.standbyUris],
    origin: spec.origin,
    wantsVideo: spec.hasVideo,
    settings: rtmp,
    maxIdleBytes: maxBytes,
    resolve: host.resolve,
    certificate: boot.certificate,
    loadReceiving: code.receiving,
    demuxer,
    video,
    audio,
    takers,
    knowledge,
    health,
    onState: (state, reason, detail) => post({ kind: 'source.state', state, reason, detail }),
    onSource: (index, remoteSessionId) => post({ kind: 'source.playing', index, remoteSessionId }),
    onTold: (call) => post({ kind: 'source.told', call }),
  });

  return {
    viewers,
    holdings,
    takers,
    start: () => intake.start(),
    pointTo: (place) => intake.pointTo(place),
    stats: () => gatherStats({ viewers, intake, video, audio, demuxer, histories, missing: health.missing }),
    keyframe: () => newestKeyframe(intake, video),
    async stop() {
      await intake.stop();
      await viewers.close();
      for (const part of [takers, video, audio]) part.close();
    },
  };
}

function reconsider(...parts: readonly Pick<Takers, 'reconsider'>[]): void {
  for (const part of parts) part.reconsider();
}

/** Frames that were left for later may hold a newer one. */
function newestKeyframe({ idleGop }: Pick<Intake, 'idleGop'>, video: Pick<VideoPath, 'keyframe'>): Promise<Keyframe> {
  idleGop.flush();
  return video.keyframe();
}

interface StatsParts {
  readonly viewers: Audience;
  readonly intake: Intake;
  readonly video: VideoPath;
  readonly audio: AudioPath;
  readonly demuxer: Demuxer;
  readonly histories: Histories;
  readonly missing: readonly MissingTrack[];
}

async function gatherStats(parts: StatsParts): Promise<StreamStats> {
  const { viewers, intake, video, audio, demuxer, histories, missing } = parts;
  return {
    ...(await viewers.stats()),
    ...intake.stats,
    ...video.stats,
    ...audio.stats,
    ...demuxer.stats,
    missing,
    ...countsOf(video.stats, audio.stats, histories, intake.idleGop),
  };
}

type Histories = Readonly<Record<SentTrack, RtpHistory>>;

function createHistories(gopCacheBytes: number): Histories {
  const audio = ofEachEncoding(() =>
    createRtpHistory({ maxBytes: audioHistoryBytes, maxPackets: audioHistoryPackets }),
  );
  return { ...audio, video: createRtpHistory({ maxBytes: gopCacheBytes, maxPackets: videoHistoryPackets }) };
}

/** Frames that were passed on, and those that wait for somebody to watch. */
function countsOf(
  { videoFrames, videoKeyframes }: VideoPath['stats'],
  { audioFrames }: AudioPath['stats'],
  histories: Histories,
  { left, heldBytes }: Pick<IdleGop, 'left' | 'heldBytes'>,
): Pick<StreamStats, 'audioFrames' | 'videoFrames' | 'videoKeyframes' | 'gopPackets' | 'cacheBytes'> {
  const { gopStart, end } = histories.video;
  return {
    audioFrames: audioFrames + left.audioFrames,
    videoFrames: videoFrames + left.videoFrames,
    videoKeyframes: videoKeyframes + left.videoKeyframes,
    gopPackets: gopStart === null ? 0 : end - gopStart,
    cacheBytes: Object.values(histories).reduce((total, { sizeBytes }) => total + sizeBytes, heldBytes),
  };
}
