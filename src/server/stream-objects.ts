/**
 * Pulls and viewers as WCS's REST API describes streams (docs/wcs.md 1.3): a pull is a published stream, a viewer one that
 * plays it. The fields are those of WCS 5.2, those that mean nothing here with the values that WCS gives when idle.
 */
import { isRtmp } from '../core/source/schemes.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { ViewerInfo } from '../supervisor/view.js';

export interface StreamObject {
  readonly appKey: string;
  readonly sessionId: string;
  readonly mediaSessionId: string;
  readonly name: string;
  readonly published: boolean;
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
  readonly status: string;
  readonly audioCodec: string | null;
  readonly videoCodec: string | null;
  readonly record: boolean;
  readonly width: number;
  readonly height: number;
  /** Wished by the viewer, in kbit/s; 0: no wish. */
  readonly bitrate: number;
  readonly minBitrate: 0;
  readonly maxBitrate: 0;
  /** Wished by the viewer, in percent; 0: no wish. */
  readonly quality: number;
  readonly history: false;
  readonly gop: 0;
  readonly fps: 0;
  readonly audioBitrate: 0;
  readonly codecImpl: '';
  readonly transport: 'TCP' | 'UDP';
  readonly cvoExtension: false;
  /** UTC, ms. */
  readonly createDate: number;
  readonly mediaType: 'publish' | 'play';
  readonly audioState: { readonly muted: false };
  readonly videoState: { readonly muted: false };
  readonly mediaProvider: 'Flash' | 'WebRTC' | 'MSE' | 'HLS';
}

/** PUBLISHING while media flows, else the state of the pull. */
export function publishedStream(pull: PullInfo): StreamObject {
  const { pullId, localName, media, state, record, createdAtMs } = pull;
  const { video, audio } = media;
  const isByRtmp = isRtmp(pull.playingUri ?? pull.uri);
  return {
    appKey: isByRtmp ? 'flashStreamingApp' : 'defaultApp',
    sessionId: pullId,
    mediaSessionId: pullId,
    name: localName,
    published: true,
    hasVideo: video !== null,
    hasAudio: audio !== null,
    status: state === 'PROCESSED_REMOTE' ? 'PUBLISHING' : state,
    audioCodec: audio === null ? null : audioCodec(audio),
    videoCodec: video?.codec ?? null,
    record,
    width: video?.width ?? 0,
    height: video?.height ?? 0,
    bitrate: 0,
    quality: 0,
    ...idle,
    transport: isByRtmp ? 'TCP' : 'UDP',
    createDate: createdAtMs,
    mediaType: 'publish',
    mediaProvider: isByRtmp ? 'Flash' : 'WebRTC',
  };
}

/** A viewer without WCS signalling has its viewerId for both of its ids. */
export function playedStream({
  viewerId,
  name,
  signalled,
  mediaProvider,
  isConnected,
  media,
  wish,
  ...viewer
}: ViewerInfo): StreamObject {
  const { video, audio } = media;
  return {
    appKey: 'defaultApp',
    sessionId: signalled?.sessionId ?? viewerId,
    mediaSessionId: signalled?.mediaSessionId ?? viewerId,
    name,
    published: false,
    hasVideo: video !== null,
    hasAudio: audio !== null,
    status: isConnected ? 'PLAYING' : 'PENDING',
    audioCodec: audio?.codec ?? null,
    videoCodec: video?.codec ?? null,
    record: false,
    width: video?.width ?? 0,
    height: video?.height ?? 0,
    bitrate: wish?.bitrateKbps ?? 0,
    quality: wish?.quality ?? 0,
    ...idle,
    transport: mediaProvider !== 'WebRTC' || signalled?.isTcpOnly === true ? 'TCP' : 'UDP',
    createDate: viewer.createdAtMs,
    mediaType: 'play',
    mediaProvider,
  };
}

/** What is the same of all streams. */
const idle = {
  minBitrate: 0,
  maxBitrate: 0,
  history: false,
  gop: 0,
  fps: 0,
  audioBitrate: 0,
  codecImpl: '',
  cvoExtension: false,
  audioState: { muted: false },
  videoState: { muted: false },
} as const;

/** In WCS's form, with the SDP encoding name of AAC (RFC 3640). */
const audioCodec = ({ codec, sampleRateHz, channels }: NonNullable<PullInfo['media']['audio']>): string =>
  `${codec === 'AAC' ? 'mpeg4-generic' : codec}/${sampleRateHz}/${channels}`;
