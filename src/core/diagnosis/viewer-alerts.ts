/**
 * What of the alerts of a stream a viewer is told: in words for who watches, not for who runs the server, and without what was seen,
 * which may name addresses. Why the source is away is told otherwise; what other viewers suffer is not theirs to know.
 */
import type { AlertCode, Severity } from './alerts.js';
import type { Check } from './facts.js';

export interface ViewerAlert {
  readonly code: string;
  readonly status: Severity;
  readonly text: string;
  /** It is not to be seen, or heard, until the alert is over; null: it plays. */
  readonly deadTrack: 'video' | 'audio' | null;
}

/** `{track}`: "picture" or "sound". */
const words: Readonly<Partial<Record<AlertCode, string>>> = {
  INGRESS_UNSTABLE: 'The source is lost again and again',
  INGRESS_STANDBY_PLAYS: 'A stand-by plays in place of the source',
  INGRESS_BITRATE_LOW: 'The source sends a picture of low quality',
  INGRESS_BITRATE_HIGH: 'The picture needs more bandwidth than many networks have',
  INGRESS_FRAMERATE_LOW: 'The source sends few pictures a second',
  INGRESS_FRAMERATE_HIGH: 'The source sends more pictures a second than many devices show',
  INGRESS_WIDTH_LARGE: 'The picture is wider than many devices show',
  INGRESS_HEIGHT_LARGE: 'The picture is higher than many devices show',
  INGRESS_SAMPLERATE_LOW: 'The source sends sound of low quality',
  INGRESS_LONG_KEY_FRAME_INTERVAL: 'Keyframes are far apart: after a loss the picture needs seconds to come back',
  INGRESS_HAS_BFRAME:
    'The picture has B-frames, which browsers do not show by WebRTC: it is encoded again, or thinned out',
  INGRESS_CODEC_UNSUPPORTED: 'The {track} of the source has a codec that cannot be played',
  INGRESS_CODEC_RARE: 'Not every browser plays the codec of this picture',
  INGRESS_PROFILE_UNCOMMON: 'Not every browser plays this kind of picture',
  INGRESS_LEVEL_HIGH: 'The picture may be too much for this device',
  INGRESS_TRACK_UNREADABLE: 'The {track} of the source is damaged, and cannot be played',
  INGRESS_TRACK_SILENT: 'The {track} of the source does not come',
  INGRESS_NO_KEY_FRAME: 'The source has not sent a picture yet that playing can begin with',
  INGRESS_NO_VIDEO: 'The source sends no picture',
  INGRESS_NO_AUDIO: 'The source sends no sound',
  INGRESS_TIMESTAMP_JUMPS: 'The clock of the source jumps: picture and sound may stutter',
  INGRESS_AV_OFFSET: 'Picture and sound of the source are far apart',
  EGRESS_STREAM_CREATION_FAILED_BY_OUTPUT_PROFILE:
    'The {track} would have to be encoded again, which this server does not do',
  EGRESS_STREAM_CREATION_FAILED_BY_DECODER: 'The {track} cannot be decoded by this server',
  EGRESS_STREAM_CREATION_FAILED_BY_ENCODER: 'The {track} cannot be encoded by this server',
  EGRESS_TRANSCODE_DECODING_FAILED: 'Parts of what the source sends are damaged',
  EGRESS_TRANSCODE_ENCODING_FAILED: 'The server is overloaded: it leaves pictures out',
  INTERNAL_QUEUE_CONGESTION: 'The server is overloaded: it sends late',
  THREAD_NOT_ANSWERING: 'The server has trouble with this stream and restarts it',
};

const wordsByCode: ReadonlyMap<string, string> = new Map(Object.entries(words));

/** `video.track` and `audio.track` are the checks of tracks that come, or are announced, and do not play (media-checks.ts). */
function deadTrackOf(name: string): ViewerAlert['deadTrack'] {
  if (name === 'video.track') return 'video';
  return name === 'audio.track' ? 'audio' : null;
}

export const viewerAlerts = (alerts: readonly Check[]): readonly ViewerAlert[] =>
  alerts.flatMap(({ name, code, status }) => {
    const text = wordsByCode.get(code);
    if (text === undefined || status === 'ok' || status === 'unknown') return [];
    const track = name.startsWith('audio') ? 'sound' : 'picture';
    return [{ code, status, text: text.replace('{track}', track), deadTrack: deadTrackOf(name) }];
  });
