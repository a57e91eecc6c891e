/** The `metrics` of WCS's stream objects (docs/wcs.md 1.3), from what the stream's actor counts. */
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import type { ViewerInfo } from '../supervisor/view.js';

type StreamStats = Awaited<ReturnType<Streams['stats']>>;
export type Metrics = Readonly<Record<string, number>>;

/** The payload types that config/rtmp_agent.sdp gives to what comes from a source. */
const h264PayloadType = 95;
const aacPayloadTypes: Readonly<Record<number, number>> = {
  8000: 96,
  11025: 97,
  12000: 98,
  16000: 99,
  22050: 100,
  24000: 104,
  32000: 102,
  44100: 103,
  48000: 108,
};

/** RTMP runs over TCP: nothing is lost on the way, and nothing asked for again. */
const tcp = { VIDEO_LOST: 0, VIDEO_NACK: 0, VIDEO_PLI: 0, AUDIO_LOST: 0 };

export function publishedMetrics({ media }: PullInfo, { source: { video, audio } }: StreamStats): Metrics {
  return {
    VIDEO_CODEC: media.video?.codec === 'H264' ? h264PayloadType : 0,
    VIDEO_WIDTH: media.video?.width ?? 0,
    VIDEO_HEIGHT: media.video?.height ?? 0,
    VIDEO_RATE: video.rateBps,
    VIDEO_FPS: video.fps,
    VIDEO_GOP_SIZE: video.gopFrames,
    VIDEO_K_FRAMES: video.keyframes,
    VIDEO_P_FRAMES: video.pFrames,
    VIDEO_B_FRAMES: video.bFrames,
    VIDEO_SYNC: video.stampMs,
    AUDIO_CODEC: media.audio?.codec === 'AAC' ? (aacPayloadTypes[media.audio.sampleRateHz] ?? 0) : 0,
    AUDIO_RATE: audio.rateBps,
    AUDIO_SYNC: audio.stampMs,
    ...tcp,
  };
}

/** A viewer gets the source's frames, at their times; `VIDEO_NACK` counts the packets that it asked for again. */
export function playedMetrics({ viewerId, media }: ViewerInfo, { source, viewers }: StreamStats): Metrics {
  const viewer = viewers.find((one) => one.viewerId === viewerId);
  return {
    VIDEO_WIDTH: media.video?.width ?? 0,
    VIDEO_HEIGHT: media.video?.height ?? 0,
    VIDEO_FPS: media.video === null ? 0 : source.video.fps,
    VIDEO_GOP_SIZE: media.video === null ? 0 : source.video.gopFrames,
    VIDEO_SYNC: media.video === null ? 0 : source.video.stampMs,
    VIDEO_NACK: viewer?.packetsResent ?? 0,
    AUDIO_SYNC: media.audio === null ? 0 : source.audio.stampMs,
  };
}
