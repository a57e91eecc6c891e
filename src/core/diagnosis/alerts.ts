/**
 * What can stand between a source and the picture: stable codes, each with its words and the way out. The names of
 * OvenMediaEngine's alerts are kept where they mean the same (docs/diagnosis.md); the others are ours.
 */

export type Severity = 'error' | 'warning' | 'info';

interface Alert {
  readonly severity: Severity;
  readonly title: string;
  /** What to do about it. */
  readonly advice: string;
}

const error = (title: string, advice: string): Alert => ({ severity: 'error', title, advice });
const warning = (title: string, advice: string): Alert => ({ severity: 'warning', title, advice });
const info = (title: string, advice: string): Alert => ({ severity: 'info', title, advice });

const encoder = 'Change it in the encoder that publishes the stream.';

const table = {
  // The way to the source.
  INGRESS_NAME_NOT_RESOLVED: error(
    'The host name is not known',
    'Check the spelling, and the name server of this machine.',
  ),
  INGRESS_ADDRESS_DENIED: error(
    'The address must not be dialled',
    'pulls.viewerAllow and pulls.restDeny say which addresses may be; pulls by REST may dial more addresses than pulls by viewers.',
  ),
  INGRESS_REFUSED: error('Nobody listens at the port', 'Check the port, and whether the RTMP server runs.'),
  INGRESS_UNREACHABLE: error(
    'The host cannot be reached',
    'Check the route and the firewalls between this machine and the source.',
  ),
  INGRESS_TIMEOUT: error(
    'The source does not answer in time',
    'Check the load of the source and firewalls that drop silently; rtmp.connectTimeoutMs waits longer.',
  ),
  INGRESS_TLS_UNTRUSTED: error(
    'The certificate is not trusted',
    'rtmp.caFile adds an authority of your own; a name or a date that is wrong must be corrected at the source.',
  ),
  INGRESS_RTMP_BROKEN: error(
    'The source does not speak RTMP as it should',
    'Check that the port is one of RTMP; a log at level debug says which message broke.',
  ),
  INGRESS_NOT_AUTHORISED: error(
    'The source asks for credentials',
    'Put them into the address: rtmp://user:password@host/app/stream.',
  ),
  INGRESS_STREAM_NOT_FOUND: error(
    'The source has no such stream now',
    'Check application and stream name, and whether somebody publishes it.',
  ),
  INGRESS_REJECTED: error(
    'The source rejects the request',
    'Check the application in the address; the log of the source says more.',
  ),
  INGRESS_NO_MEDIA: error(
    'The source accepts, and sends nothing',
    'Check whether the encoder publishes audio or video.',
  ),
  INGRESS_STALLED: error('The source stopped sending', 'Check encoder and network of the source.'),
  INGRESS_ENDED: error('The source ended the stream', 'It is dialled again, and plays on when it is published again.'),
  INGRESS_UNAVAILABLE: error('Nothing plays at this address', 'The log of the server says why.'),
  INGRESS_UNSTABLE: warning(
    'The source is lost again and again',
    'Check the network between source and this machine, and the encoder.',
  ),
  INGRESS_STANDBY_PLAYS: warning(
    'A stand-by plays in place of the first source',
    'It is tried again by itself (rtmp.failBackMs).',
  ),
  // What the source sends: these twelve are OvenMediaEngine's.
  INGRESS_BITRATE_LOW: warning('The bitrate of the video is low', encoder),
  INGRESS_BITRATE_HIGH: warning(
    'The bitrate of the video is high',
    'Many viewers cannot take it: lower it in the encoder, or set media.fallbackKbps.',
  ),
  INGRESS_FRAMERATE_LOW: warning('The frame rate is low', encoder),
  INGRESS_FRAMERATE_HIGH: warning('The frame rate is high', 'Many devices decode no more than 60 frames a second.'),
  INGRESS_WIDTH_SMALL: warning('The video is narrow', encoder),
  INGRESS_WIDTH_LARGE: warning(
    'The video is wider than many devices decode',
    'Lower it in the encoder, or let viewers ask for a smaller size.',
  ),
  INGRESS_HEIGHT_SMALL: warning('The video is low', encoder),
  INGRESS_HEIGHT_LARGE: warning(
    'The video is higher than many devices decode',
    'Lower it in the encoder, or let viewers ask for a smaller size.',
  ),
  INGRESS_SAMPLERATE_LOW: warning('The sample rate of the audio is low', encoder),
  INGRESS_SAMPLERATE_HIGH: warning(
    'The sample rate of the audio is high',
    'Opus has 48 kHz at most: more costs work and gains nothing.',
  ),
  INGRESS_LONG_KEY_FRAME_INTERVAL: warning(
    'Keyframes are far apart',
    'Set 2 s in the encoder: a viewer that lost packets, or joins with viewers.catchUp keyframe-only, waits that long for a picture.',
  ),
  INGRESS_HAS_BFRAME: warning(
    'The video has B-frames',
    'Browsers show them out of order, so they are encoded again or dropped (media.bFrames); a profile without them (baseline, or tune zerolatency) saves that.',
  ),
  // And ours.
  INGRESS_CODEC_UNSUPPORTED: error('The codec cannot be played', 'Send H.264 and AAC.'),
  INGRESS_CODEC_RARE: warning(
    'Not every browser plays this codec',
    'Browsers without it get a rendition; every browser plays H.264.',
  ),
  INGRESS_PROFILE_UNCOMMON: warning('Browsers do not decode this profile', 'Send 8 bits, 4:2:0: High profile or less.'),
  INGRESS_LEVEL_HIGH: warning(
    'The level is higher than many devices decode',
    'Lower size, frame rate or bitrate in the encoder.',
  ),
  INGRESS_TRACK_UNREADABLE: error(
    'A track of the source cannot be used',
    'Check the encoder: frames or headers are damaged, or do not belong together.',
  ),
  INGRESS_TRACK_SILENT: warning(
    'A track of the source does not come',
    'It is announced, or came before: check the encoder, and the path from it to this server.',
  ),
  INGRESS_OFF_PACE: warning(
    'The source sends more or less than a second of media in a second',
    'Less: the encoder cannot keep up, or its network is too slow. More: a file is sent faster than it plays.',
  ),
  INGRESS_NO_KEY_FRAME: warning(
    'New viewers cannot begin to play',
    'Let the encoder send a keyframe every 2 s; media.gopCacheBytes keeps longer groups.',
  ),
  INGRESS_NO_VIDEO: info(
    'The source sends no video',
    'If it should, check the encoder; `hasVideo: false` of the pull leaves it out.',
  ),
  INGRESS_NO_AUDIO: info(
    'The source sends no audio',
    'If it should, check the encoder; `hasAudio: false` of the pull leaves it out.',
  ),
  INGRESS_FURTHER_TRACKS: info(
    'The source sends tracks that are not played',
    'Only the default track of each kind is played.',
  ),
  INGRESS_TIMESTAMP_JUMPS: warning(
    'The timestamps jump',
    'Check the encoder, and the path from it to this server: looping playlists and joined sources do this.',
  ),
  INGRESS_AV_OFFSET: warning(
    'Audio and video are far apart',
    'Check the encoder: the browser waits for the later one.',
  ),
  // On the way through.
  EGRESS_STREAM_CREATION_FAILED_BY_OUTPUT_PROFILE: error(
    'The video would have to be encoded again, which is not allowed',
    'media.bFrames and media.transcoding decide that.',
  ),
  EGRESS_STREAM_CREATION_FAILED_BY_DECODER: error(
    'A track cannot be decoded',
    '`sluice --version` says whether FFmpeg is there.',
  ),
  EGRESS_STREAM_CREATION_FAILED_BY_ENCODER: error(
    'An encoding cannot be made',
    'The log of the stream says why; media.maxRenditions may be reached.',
  ),
  EGRESS_TRANSCODE_DECODING_FAILED: warning(
    'Frames of the source are damaged',
    'Check encoder and network of the source.',
  ),
  EGRESS_TRANSCODE_ENCODING_FAILED: warning(
    'The encoder cannot follow',
    'Fewer or smaller renditions, a faster media.encodePreset, or more cores.',
  ),
  INTERNAL_QUEUE_CONGESTION: warning(
    'Packets wait for the sockets',
    'Check the upload of this machine, and net.core.wmem_max; viewers skip to a keyframe meanwhile.',
  ),
  THREAD_NOT_ANSWERING: error(
    'The thread of the stream does not answer',
    'It is replaced automatically; if this happens again and again, please report it with the log.',
  ),
  THREAD_RESTARTED: warning(
    'The thread of the stream was started again',
    'The log of the stream has the error, which is a bug of Sluice: please report it.',
  ),
  // To the viewers.
  VIEWER_ONLY_PRIVATE_ADDRESSES: warning(
    'Only private addresses are offered to viewers',
    'Viewers elsewhere need webrtc.announce with the public address, and the ports opened.',
  ),
  VIEWER_ICE_FAILED: warning(
    'Viewers do not reach the media port',
    'Open the ports webrtc.portMin to portMax (or webrtc.singlePort) for UDP and TCP, and set webrtc.announce behind a NAT.',
  ),
  VIEWER_WENT_SILENT: info(
    'Viewers disappeared without closing',
    'A page that is killed does so; many at once suggest a network failure.',
  ),
  VIEWER_DTLS_FAILED: warning(
    'The DTLS handshake of viewers fails',
    'Something on the path changes or drops packets, or the page changes its certificate.',
  ),
  VIEWER_LOSS_HIGH: warning(
    'Packets are lost on the way to viewers',
    'Lower the bitrate, let viewers ask for a smaller size, or set media.fallbackKbps.',
  ),
  VIEWER_ROUND_TRIP_HIGH: info(
    'Viewers are far away',
    'Lost packets are repaired late: a server closer to them would help.',
  ),
  VIEWER_NOT_DECODING: error(
    'Browsers receive the stream and decode no frame',
    'Compare codec and profile with what the browser decodes; H.264 of baseline profile is decoded by all.',
  ),
  VIEWER_FREEZES: warning(
    'The video of viewers stands still again and again',
    'Look at loss and at the frame rate of the source.',
  ),
  VIEWER_DELAY_HIGH: warning(
    'Viewers see the stream late',
    'Their jitter buffers have grown: look at loss, and at sources that deliver in bursts (rtmp.smoothMs).',
  ),
  VIEWER_BY_TCP: info('Viewers play by TCP', 'UDP is blocked on their side: a lost packet delays all that follow.'),
} as const;

export type AlertCode = keyof typeof table;

export const alerts: Readonly<Record<AlertCode, Alert>> = table;
