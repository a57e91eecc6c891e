/** What is known of a stream, gathered for its diagnosis. */
import type { StreamStats } from '../../actors/stats.js';
import type { PathFacts, StreamFacts, ViewerFacts } from '../core/diagnosis/facts.js';
import type { Pull } from './pull.js';
import { hasHadMedia } from './pull-status.js';
import { type Counts, countsOf } from './stream-samples.js';
import type { ViewerInfo } from './view.js';

interface Known {
  readonly pull: Pull;
  /** Null: the thread does not answer, or there is none. */
  readonly stats: StreamStats | null;
  readonly lastMinute: (now: Counts) => Counts;
  /** Of this pull. */
  readonly viewers: readonly ViewerInfo[];
  readonly endings: Readonly<Record<string, number>>;
  readonly offeredAddresses: readonly string[];
  /** UTC. */
  readonly wallMs: number;
}

export function factsOf(known: Known): StreamFacts {
  const { pull, stats, lastMinute, viewers, endings, offeredAddresses, wallMs } = known;
  const { spec, status, restarts } = pull;
  return {
    isTls: /^(rtmps|https|wheps|wss):/i.test(spec.uri),
    state: status.state,
    reason: status.reason,
    detail: status.detail,
    hasHadMedia: hasHadMedia(status),
    wantsVideo: spec.hasVideo,
    wantsAudio: spec.hasAudio,
    playsStandby: (status.playing ?? 0) > 0,
    media: status.media,
    path: stats === null ? null : pathOf(stats, lastMinute(countsOf(stats))),
    restarts,
    viewers: viewers.map((viewer) => viewerOf(viewer, stats, wallMs)),
    endings,
    offeredAddresses,
  };
}

function pathOf(stats: StreamStats, counts: Counts): PathFacts {
  const { audio, video } = stats.source;
  return {
    videoRateBps: video.rateBps,
    audioRateBps: audio.rateBps,
    fps: video.fps,
    gopFrames: video.gopFrames,
    keyframeIntervalMs: video.keyframeIntervalMs,
    bFrames: video.bFrames,
    videoStampMs: video.stampMs,
    audioStampMs: audio.stampMs,
    videoPath: stats.videoPath.kind,
    audioPath: stats.audioPath.kind,
    ...counts,
    renditionFailures: stats.renditions.flatMap(({ failure }) => (failure === null ? [] : [failure])),
    furtherTracks: stats.otherTracks.length,
  };
}

function viewerOf(viewer: ViewerInfo, stats: StreamStats | null, wallMs: number): ViewerFacts {
  const sent = stats?.viewers.find(({ viewerId }) => viewerId === viewer.viewerId);
  return {
    isConnected: viewer.isConnected,
    ageMs: wallMs - viewer.createdAtMs,
    lossFraction: sent?.lossFraction ?? 0,
    roundTripMs: sent?.roundTripMs ?? null,
    cannotDecode: sent?.cannotDecode ?? false,
    report: viewer.report,
  };
}
