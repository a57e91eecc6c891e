/**
 * The one table of errors. REST, signalling, actors and the supervisor read the same row.
 *
 * `status`: the HTTP status for REST and WHEP clients. `retry`: whether the same request may succeed later; a pull that
 * fails with `retry: false` is not dialled again. `info`: the text for WCS clients, one of the Web SDK's
 * STREAM_STATUS_INFO where one fits. `text`: the message for people, with what to do about it where that is known.
 */
export const table = {
  'source.refused': row(502, true, 'Failed to connect to origin stream', 'The source refused the connection'),
  'source.unreachable': row(502, true, 'Failed to connect to origin stream', 'The source could not be reached'),
  'source.timeout': row(504, true, 'Failed to connect to origin stream', 'The source did not answer in time'),
  'source.nameNotResolved': row(
    502,
    true,
    'Failed to connect to origin stream',
    "The source's host name was not resolved",
  ),
  'source.untrusted': row(
    502,
    true,
    'Failed to connect to origin stream',
    "The source's certificate is not trusted: its authority is unknown (rtmp.caFile adds one), its name is another, or it is not valid now",
  ),
  'source.notAuthorised': row(
    502,
    false,
    'Restricted access',
    'The source asks for credentials, or refused those in the URI',
  ),
  'source.notFound': row(404, true, 'Stream not found', 'The source has no such stream now'),
  'source.rejected': row(502, true, 'Failed to connect to origin stream', 'The source rejected the request'),
  'source.ended': row(502, true, 'Stopped by publisher stop', 'The source ended the stream'),
  'source.moving': row(409, true, 'Publish stream is not ready', 'The stream is about to come from another node'),
  'source.stalled': row(504, true, 'Stream failed', 'The source sent no media for too long'),
  'source.noMedia': row(504, true, 'Publish stream is not ready', 'The source accepted the request but sent no media'),
  'source.protocol': row(502, true, 'Stream failed', 'The source broke its protocol'),
  'source.unsupportedCodec': row(415, false, 'No common codecs', 'The source sends a codec that Sluice does not know'),
  'source.unreadableVideo': row(
    415,
    true,
    'No common codecs',
    "None of the source's video can be read: its frames or headers are damaged, or framed as no reader knows",
  ),
  'source.unreadableAudio': row(415, true, 'No common codecs', "None of the source's audio can be read"),
  'source.noParameterSets': row(
    415,
    true,
    'No common codecs',
    "The source's video comes without the parameter sets that a decoder needs, in its header and among its frames",
  ),
  'source.trackSilent': row(
    409,
    true,
    'Publish stream is not ready',
    'The source announces this track, or sent it before, and sends no frame of it now',
  ),
  'source.noKeyframe': row(
    409,
    true,
    'Publish stream is not ready',
    'The source has sent no picture yet that decoding can begin with',
  ),
  'source.addressDenied': row(
    403,
    false,
    'Restricted access',
    'The source has an address that is not allowed to be pulled from',
  ),
  'source.unavailable': row(
    502,
    true,
    'Failed to connect to origin stream',
    'Nothing plays at this address now, or it must not be asked; the log of the server says which',
  ),
  'request.invalid': row(400, false, 'Bad URI', 'The request is not valid'),
  'request.timeout': row(408, true, 'Failed by error', 'The body of the request did not come in time'),
  'request.tooLarge': row(413, false, 'Failed by error', 'The body of the request is too large'),
  'request.mediaType': row(415, false, 'Failed by error', 'The content type of the request is not accepted here'),
  'request.keyReused': row(
    422,
    false,
    'Failed by error',
    'This Idempotency-Key was used for another request; choose a new one for each',
  ),
  'request.tooMany': row(429, true, 'Failed by error', 'Too many requests from this address; wait and try again'),
  'control.unauthorised': row(
    401,
    false,
    'Restricted access',
    'Control asks for an API key, or an address listed in control.allow',
  ),
  'control.forbidden': row(403, false, 'Restricted access', 'Control is not allowed from this address or page'),
  'route.notFound': row(404, false, 'Failed by error', 'There is no such method'),
  'route.methodNotAllowed': row(405, false, 'Failed by error', 'The path does not take this HTTP method'),
  'pull.conflict': row(
    409,
    false,
    'Stream name is already in use',
    'This uri is pulled already; play the stream that find_all lists',
  ),
  'pull.nameTaken': row(409, false, 'Stream name is already in use', 'This localStreamName belongs to another pull'),
  'pull.notFound': row(404, false, 'Stream not found', 'No pull of this uri or name'),
  'pull.limit': row(503, true, 'Failed by error', 'The limit of streams is reached'),
  'stream.notFound': row(404, false, 'Stream not found', 'Stream not found'),
  'stream.notLive': row(409, true, 'Publish stream is not ready', 'The stream has no live source now; try again soon'),
  'stream.failed': row(503, true, 'Stream failed', 'The stream failed'),
  'stream.elsewhere': row(307, false, 'Failed by error', 'Another node of the cluster has it: ask there'),
  'stream.quarantined': row(
    503,
    true,
    'Stream failed',
    'Nodes of the cluster that had this stream ended again and again: after a pause one of them tries it alone',
  ),
  'link.denied': row(403, false, 'Restricted access', 'The token of this link is not that of the stream'),
  'link.epoch': row(409, true, 'Stream not found', 'This node has no such stream under this epoch'),
  'offer.malformed': row(400, false, 'Failed by error', 'The SDP offer cannot be read'),
  'offer.unacceptable': row(422, false, 'No common codecs', 'The SDP offer cannot be answered'),
  'session.notFound': row(404, false, 'Session does not exist', 'No such session'),
  'session.preconditionRequired': row(428, false, 'Failed by error', 'If-Match is required'),
  'session.preconditionFailed': row(412, false, 'Failed by error', 'If-Match names an older ICE session'),
  'viewer.provider': row(
    422,
    false,
    'No common codecs',
    'This media provider is not served; let the page prefer WebRTC or MSE (preferredMediaProviders)',
  ),
  'viewer.audioCodec': row(
    422,
    false,
    'No common codecs',
    "The stream's audio is in a codec that this media provider does not play; WebRTC does",
  ),
  'viewer.tracksChanged': row(
    503,
    true,
    'Stream failed',
    'The source has other tracks now, which this player cannot take up; play it again',
  ),
  'viewer.mediaSocket': row(504, true, 'Failed by error', 'The WebSocket for the media never came, or was closed'),
  'viewer.limit': row(503, true, 'Failed by error', 'The limit of viewers is reached'),
  'viewer.overloaded': row(
    503,
    true,
    'Failed by error',
    'The server has no more to give without hurting those who play; try again later, or elsewhere',
  ),
  'viewer.sessionLimit': row(
    503,
    true,
    'Too many streams in this session',
    'The limit of streams in one signalling session is reached (viewers.maxPerSession)',
  ),
  'viewer.declined': row(
    403,
    false,
    'Restricted access',
    'The back end does not allow it (hooks.apps, playback.hookUrl)',
  ),
  'viewer.hookFailed': row(
    503,
    true,
    'Restricted access',
    'The back end that decides who plays does not answer (playback.hookUrl)',
  ),
  'viewer.tokenMissing': row(401, false, 'Restricted access', 'This stream asks for a playback token'),
  'viewer.tokenDenied': row(403, false, 'Restricted access', 'The playback token is not good for this'),
  'viewer.tokenInUse': row(429, true, 'Restricted access', 'As many play by this playback token as it allows'),
  'viewer.originDenied': row(
    403,
    false,
    'Restricted access',
    'This page may not play: its origin is not in playback.origins',
  ),
  'viewer.hooksOnly': row(
    403,
    false,
    'Restricted access',
    'Viewers are authorised by REST hooks here, which WHEP does not ask; hooks.allowWhep lets it play all the same',
  ),
  'viewer.keepAliveDeclined': row(
    403,
    false,
    'Terminated by keep-alive',
    'The back end of this application has stopped the stream (hooks.keepAliveMs)',
  ),
  'viewer.iceTimeout': row(504, true, 'Failed by ICE timeout', 'The viewer never reached the media port'),
  'viewer.iceKeepAlive': row(504, true, 'Failed by ICE keep alive', 'The viewer went silent'),
  'viewer.dtls': row(502, true, 'Failed by DTLS error', 'The DTLS handshake failed'),
  'viewer.fingerprint': row(
    403,
    false,
    'Failed by DTLS fingerprint error',
    'The DTLS certificate is not the one that the offer names',
  ),
  'server.full': row(503, true, 'Failed by error', 'The server has all the clients that it takes'),
  'server.draining': row(503, true, 'RtspAgent shutdown', 'The server is shutting down'),
  'drain.tooLate': row(
    409,
    false,
    'RtspAgent shutdown',
    'The server is ending; its drain cannot be taken back any more',
  ),
  'media.transcodingDisabled': row(
    422,
    false,
    'Transcoding required, but disabled',
    'The video would have to be transcoded for this viewer, and media.transcoding is off',
  ),
  'media.givenUp': row(500, false, 'Stream failed', 'The threads that transcode the video ended again and again'),
  'media.tooLarge': row(415, false, 'Stream failed', 'The video is larger than media.maxPixels allows to transcode'),
  'media.unavailable': row(501, false, 'Stream failed', 'The FFmpeg binding (node-av) does not load on this machine'),
  'recording.notFound': row(404, false, 'Stream not found', 'No such recording'),
  'recording.disabled': row(
    501,
    false,
    'Failed by error',
    'Nothing is recorded here: recordings.folder says where recordings are to lie',
  ),
  'recording.busy': row(409, true, 'Failed by error', 'The recording is not finished yet'),
  'recording.diskFull': row(507, true, 'Failed by error', 'The disk of the recordings has no room'),
  'recording.slow': row(503, true, 'Failed by error', 'The disk of the recordings is too slow'),
  'recording.failed': row(503, true, 'Failed by error', 'The recording cannot be written'),
  'registry.unreachable': row(
    503,
    true,
    'Failed by error',
    'The registry of the cluster (cluster.redis) gives no answer; what plays plays on',
  ),
  'actor.dead': row(503, true, 'Stream failed', "The stream's thread ended; it is being restarted"),
  'actor.timeout': row(503, true, 'Stream failed', "The stream's thread did not answer in time"),
  'config.invalid': row(500, false, 'Failed by error', 'The configuration is not valid'),
  internal: row(500, true, 'Failed by error', 'Internal error'),
} as const;

export interface ErrorRow {
  readonly status: number;
  readonly retry: boolean;
  readonly info: string;
  readonly text: string;
}

function row(status: number, retry: boolean, info: string, text: string): ErrorRow {
  return { status, retry, info, text };
}
