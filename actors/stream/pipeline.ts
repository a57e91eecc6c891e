/**
 * The data path of one stream, in the order the bytes travel:
 *
 * sources (socket, RTMP) -> demuxer (FLV, source clock) -> video path | audio path (codec, Opus) -> RTP histories -> viewers.
 *
 * While nobody watches, frames stop before the demuxer (idle GOP), and the socket is read less often.
 */
import { randomInt } from 'node:crypto';
import { encodingClockHz, ofEachEncoding, type SentTrack } from '../../src/core/codec/audio-encoding.js';
import { createRtpHistory, type RtpHistory } from '../../src/core/rtp/rtp-history.js';
import { type RtpOffsets, rtpTime, trackRtpTime } from '../../src/core/rtp/rtp-time.js';
import type { ErrorCode } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorBoot, ActorEvent, SourceState } from '../contract.js';
import type { NativeGuard } from '../media/native.js';
import type { Keyframe } from '../media/still.js';
import { createRenditionPool } from '../rendition/pool.js';
import type { Host } from '../runtime/host.js';
import type { ThreadCode } from '../runtime/thread-code.js';
import { Sources } from '../source/sources.js';
import type { StreamStats } from '../stats.js';
import { type Audience, createAudience } from '../viewers/audience.js';
import { type AudioPath, createAudioPath } from './audio-path.js';
import { createDemuxer } from './demuxer.js';
import { IdleGop } from './idle-gop.js';
import { createMediaGuard } from './media-guard.js';
import { createMediaKnowledge } from './media-knowledge.js';
import { createUnsupported } from './unsupported.js';
import { createVideoPath, type VideoPath } from './video-path.js';

/** 10 s of Opus at 64 kbit/s are 80 kB in 500 packets: far more than any viewer asks to have sent again. */
const audioHistoryBytes = 262_144;
const audioHistoryPackets = 1024;
const videoHistoryPackets = 65_536;

export interface PipelineOptions {
  readonly boot: ActorBoot;
  readonly host: Host;
  readonly guard: NativeGuard;
  readonly code: ThreadCode;
  readonly onListening: (port: number) => void;
  readonly log: Logger;
  readonly post: (event: ActorEvent) => void;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** UTC in ms that runs with `nowMs`. */
  readonly wallMs: () => number;
}

export interface Pipeline {
  readonly viewers: Audience;
  start(): void;
  stats(): Promise<StreamStats>;
  /** Error: stream.notLive when no keyframe has come. */
  keyframe(): Keyframe;
  stop(): Promise<void>;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { boot, log, post, nowMs, wallMs } = options;
  const { spec, settings } = boot;
  const knowledge = createMediaKnowledge({
    expectsVideo: spec.hasVideo,
    onChange(media) {
      post({ kind: 'source.media', media });
      viewers.informed();
    },
  });
  const histories = createHistories(settings.media.gopCacheBytes);
  const offsets: RtpOffsets = { audio: randomInt(2 ** 32), video: randomInt(2 ** 32) };
  let state: SourceState = 'NEW';
  let isWatched = false;

  const enter = (next: SourceState, reason: ErrorCode | null, detail: string): void => {
    state = next;
    post({ kind: 'source.state', state, reason, detail });
  };
  const unsupported = createUnsupported({
    knowledge,
    nowMs,
    log,
    onUseless: (codecs) => sources.refuse('source.unsupportedCodec', codecs),
  });

  const viewers = createAudience({
    boot,
    media: () => knowledge.info,
    whenMediaKnown: knowledge.wait,
    log,
    post,
    nowMs,
    offsets,
    histories,
    loadDtls: options.code.dtls,
    onListening: options.onListening,
    wallMs,
    rtpTimeAt(track, atMs) {
      const mediaMs = demuxer.mediaMsAt(atMs);
      return mediaMs === null ? null : trackRtpTime(track, mediaMs, offsets, audio.skews48k);
    },
    renditions: createRenditionPool({
      maxBytes: settings.media.gopCacheBytes,
      open: (wished, into, onAccessUnit) => video.openRendition(wished, into, onAccessUnit),
    }),
    pulse: () => ({ lagMs: demuxer.lagMs, skews48k: audio.skews48k, sourceBps: video.sourceBps }),
    openShard: options.host.openShard,
    isPlayable: () => video.isPlayable,
    sourceBps: () => video.sourceBps,
    onWanted: (wanted) => audio.setWanted(wanted),
    onWatched(watched) {
      isWatched = watched;
      if (!isWatched) return;
      idleGop.flush();
      sources.wake();
    },
  });

  const video = createVideoPath({
    history: histories.video,
    settings: settings.media,
    openThread: options.host.openRendition,
    log,
    rtpTime: (mediaMs) => rtpTime(mediaMs, 90_000, offsets.video),
    onInfo: knowledge.setVideo,
    onAccessUnit() {
      unsupported.sawVideo();
      viewers.published('video');
    },
    onChange: () => viewers.reconsider(),
    onUnsupported: (codec) => unsupported.saw('video', codec),
  });

  const audio = createAudioPath({
    histories,
    bitrateKbps: settings.media.opusBitrateKbps,
    guard: options.guard,
    loadAv: options.code.av,
    log,
    rtpTime: (encoding, ts48k) => rtpTime(ts48k / 48, encodingClockHz[encoding], offsets.audio),
    onInfo: knowledge.setAudio,
    onAudio: (encoding) => viewers.published(encoding),
    onUnsupported: (codec) => unsupported.saw('audio', codec),
  });

  const demuxer = createDemuxer({ spec, video, audio, knowledge, post, nowMs, wallMs, log });

  const isIdle = (): boolean => !isWatched && state === 'PROCESSED_REMOTE' && video.isSettled;
  const guard = createMediaGuard({
    nowMs,
    log,
    onMedia(message, arrivedMs) {
      idleGop.passed(message, demuxer.receive(message, arrivedMs));
      if (state === 'CONNECTED' && knowledge.settled) enter('PROCESSED_REMOTE', null, '');
    },
  });
  const idleGop = new IdleGop({
    maxBytes: settings.media.gopCacheBytes,
    isIdle,
    pass: guard.pass,
    onGap: video.forgetGop,
  });

  const sources = new Sources({
    uris: [spec.uri, ...spec.standbyUris],
    origin: spec.origin,
    wantsVideo: spec.hasVideo,
    settings: settings.rtmp,
    resolve: options.host.resolve,
    nowMs,
    onState: enter,
    onSource: (index) => post({ kind: 'source.playing', index }),
    isIdle,
    onSession() {
      idleGop.newSession();
      demuxer.newSession();
      unsupported.newSession();
    },
    onMedia: (message) => idleGop.receive(message, nowMs()),
    log,
  });

  return {
    viewers,
    start: () => sources.start(),
    stats: async () => ({
      ...(await viewers.stats()),
      ...sources.stats,
      ...video.stats,
      ...audio.stats,
      otherTracks: demuxer.otherTracks,
      ...frameStats(video.stats, audio.stats, idleGop.left),
      ...cacheStats(histories, idleGop.heldBytes),
    }),
    keyframe() {
      idleGop.flush();
      return video.keyframe();
    },
    async stop() {
      await sources.stop();
      await viewers.close();
      audio.close();
    },
  };
}

type Histories = Readonly<Record<SentTrack, RtpHistory>>;

function createHistories(gopCacheBytes: number): Histories {
  const audio = ofEachEncoding(() =>
    createRtpHistory({ maxBytes: audioHistoryBytes, maxPackets: audioHistoryPackets }),
  );
  return { ...audio, video: createRtpHistory({ maxBytes: gopCacheBytes, maxPackets: videoHistoryPackets }) };
}

const frameStats = (
  { videoFrames, videoKeyframes }: VideoPath['stats'],
  { audioFrames }: AudioPath['stats'],
  left: IdleGop['left'],
): Pick<StreamStats, 'audioFrames' | 'videoFrames' | 'videoKeyframes'> => ({
  audioFrames: audioFrames + left.audioFrames,
  videoFrames: videoFrames + left.videoFrames,
  videoKeyframes: videoKeyframes + left.videoKeyframes,
});

function cacheStats(histories: Histories, heldBytes: number): Pick<StreamStats, 'gopPackets' | 'cacheBytes'> {
  const { gopStart, end } = histories.video;
  return {
    gopPackets: gopStart === null ? 0 : end - gopStart,
    cacheBytes: Object.values(histories).reduce((total, { sizeBytes }) => total + sizeBytes, heldBytes),
  };
}
