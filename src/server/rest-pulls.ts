/** WCS's REST calls for RTMP pulls: /rest-api/pull/rtmp/{pull,find_all,terminate}, with exactly its fields. */
import { errorTable, SluiceError } from '../errors.js';
import type { PullInfo, Streams } from '../supervisor/streams.js';
import { type Handle, type HttpReply, jsonReply } from './http.js';
import { readPull, readTerminate } from './rest-body.js';

/**
 * For how long a pull that is being dialled is still shown as NEW, so that a client which polls at once sees that state, as
 * it does with WCS: here a spare thread dials within some milliseconds.
 */
const shownNewMs = 250;

/** WCS answers void methods with 200 and no body; its SDK accepts no other status. */
const done: HttpReply = { status: 200 };

interface RestPulls {
  readonly pull: Handle;
  readonly findAll: Handle;
  readonly terminate: Handle;
}

export function createRestPulls(streams: Streams, isDraining: () => boolean): RestPulls {
  return {
    pull(request, body) {
      if (isDraining()) throw new SluiceError('server.draining');
      const { record = false, hasAudio = true, hasVideo = true, ...rest } = readPull(request, body);
      streams.pull({ ...rest, record, hasAudio, hasVideo, origin: 'rest' });
      return done;
    },
    // Without pulls an empty array: the WCS reference has only 200 and 500. Newer WCS answers 404; its clients, like the
    // sample of the SDK, handle both.
    findAll: () => jsonReply(streams.list().map((pull) => describe(pull, Date.now()))),
    terminate(request, body) {
      const { uri, localStreamName } = readTerminate(request, body);
      streams.terminate({ uri, localName: localStreamName });
      return done;
    },
  };
}

const describe = (pull: PullInfo, nowMs: number) => ({
  localMediaSessionId: pull.pullId,
  remoteMediaSessionId: null,
  localStreamName: pull.localName,
  remoteStreamName: null,
  uri: pull.uri,
  status: pull.state === 'PENDING' && nowMs - pull.createdAtMs < shownNewMs ? 'NEW' : pull.state,
  hasAudio: pull.hasAudio,
  hasVideo: pull.hasVideo,
  record: pull.record,
  // An extension: why there is no media. WCS has no field for it.
  // Of a stream that plays, why one of its tracks does not.
  reason: reasonOf(pull),
  ...missingOf(pull),
});

/** An extension: each track that cannot be shown, and why. Absent where there is none. */
function missingOf({ media }: PullInfo) {
  if (media.missing === undefined) return {};
  return {
    missing: media.missing.map(({ track, code, detail }) => ({ track, code, text: errorTable[code].text, detail })),
  };
}

function reasonOf({ reason, detail, media }: PullInfo) {
  if (reason !== null) return { code: reason, text: errorTable[reason].text, detail };
  const [first] = media.missing ?? [];
  return first === undefined ? null : { code: first.code, text: errorTable[first.code].text, detail: first.detail };
}
