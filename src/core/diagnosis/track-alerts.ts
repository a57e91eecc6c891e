/** Why a track that comes, or is announced, is not to be seen or heard (src/error-table.ts), and what that is called. */
import type { AlertCode } from './alerts.js';

export const trackAlerts: Readonly<Record<string, AlertCode>> = {
  'source.unsupportedCodec': 'INGRESS_CODEC_UNSUPPORTED',
  'source.unreadableVideo': 'INGRESS_TRACK_UNREADABLE',
  'source.unreadableAudio': 'INGRESS_TRACK_UNREADABLE',
  'source.noParameterSets': 'INGRESS_TRACK_UNREADABLE',
  'source.noKeyframe': 'INGRESS_NO_KEY_FRAME',
  'source.trackSilent': 'INGRESS_TRACK_SILENT',
  'source.tooSlow': 'INGRESS_OFF_PACE',
  'source.tooFast': 'INGRESS_OFF_PACE',
  'media.transcodingDisabled': 'EGRESS_STREAM_CREATION_FAILED_BY_OUTPUT_PROFILE',
  'media.tooLarge': 'EGRESS_STREAM_CREATION_FAILED_BY_ENCODER',
  'media.givenUp': 'EGRESS_STREAM_CREATION_FAILED_BY_ENCODER',
  'media.unavailable': 'EGRESS_STREAM_CREATION_FAILED_BY_DECODER',
};
