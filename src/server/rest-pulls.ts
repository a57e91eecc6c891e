/** WCS's REST calls for RTMP pulls: /rest-api/pull/rtmp/{pull,find_all,terminate}. Fields are WCS's, to the letter. */
import { errorTable, SluiceError } from '../errors.js';
import type { PullView, Streams } from '../supervisor/streams.js';
import { type Handle, type HttpReply, jsonReply } from './http.js';
import { readPull, readUri } from './rest-body.js';

/** WCS answers void methods with 200 and no body, and its SDK takes no other status for success. */
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
      const { record = false, hasAudio = true, hasVideo = true, ...wanted } = readPull(request, body);
      streams.pull({ ...wanted, record, hasAudio, hasVideo, origin: 'rest' });
      return done;
    },
    // Nothing pulled is an empty array: the reference lists 200 and 500 only; newer WCS answers 404, and clients of either
    // (like the SDK's own sample) take both for the same.
    findAll: () => jsonReply(streams.list().map(describe)),
    terminate(request, body) {
      streams.terminate(readUri(request, body));
      return done;
    },
  };
}

const describe = (view: PullView) => ({
  localMediaSessionId: view.pullId,
  remoteMediaSessionId: null,
  localStreamName: view.localName,
  remoteStreamName: null,
  uri: view.uri,
  status: view.state,
  hasAudio: view.hasAudio,
  hasVideo: view.hasVideo,
  record: view.record,
  // Ours: why it is not flowing. WCS has no field for it.
  reason: view.reason === null ? null : { code: view.reason, text: errorTable[view.reason].text, detail: view.detail },
});
