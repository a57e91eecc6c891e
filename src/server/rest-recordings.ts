/**
 * Recordings by REST: our own below /api, and WCS's /rest-api/stream/{startRecording,stopRecording} and
 * /rest-api/recorder/{startup,terminate,find_all}.
 */
import { fileNameOf } from '../core/recording/file-name.js';
import type { RecordingPart } from '../core/recording/part.js';
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { fileReply } from './file-reply.js';
import { type Handle, type HttpReply, type HttpRequest, jsonReply } from './http.js';
import { readRecording, readRecordingStart } from './recording-body.js';

interface RestRecordings {
  /** GET /api/recordings */
  readonly list: Handle;
  /** GET and DELETE /api/recordings/{id}, GET /api/recordings/{id}/file and /thumbnail.jpg */
  readonly recording: Handle;
  /** GET, POST and DELETE /api/streams/{pullId}/recording */
  readonly ofStream: Handle;
  /** WCS: begins a recording in place of the one that runs. */
  readonly start: Handle;
  readonly stop: Handle;
  readonly findAll: Handle;
}

const recordingPath = /^\/api\/recordings\/([0-9a-f-]{36})(\/file|\/thumbnail\.jpg)?$/;
const streamRecordingPath = /^\/api\/streams\/([^/]+)\/recording$/;

/** For the route of `ofStream`, among those of streams. */
export const isOfRecording = ({ path }: HttpRequest): boolean => streamRecordingPath.test(path);

const done: HttpReply = { status: 200 };

/** As lists show it. */
const describe = (part: RecordingPart) => ({
  id: part.partId,
  recordingId: part.recordingId,
  number: part.number,
  streamName: part.streamName,
  mediaSessionId: part.mediaSessionId,
  state: part.state,
  fileName: part.fileName,
  startedAtMs: part.startedAtMs,
  durationMs: Math.round(part.durationMs),
  sizeBytes: part.sizeBytes,
  videoCodec: part.videoCodec,
  audioCodec: part.audioCodec,
  width: part.width,
  height: part.height,
  url: `/api/recordings/${part.partId}/file`,
  thumbnailUrl:
    part.state === 'finished' && part.videoCodec !== null ? `/api/recordings/${part.partId}/thumbnail.jpg` : null,
});

export function createRestRecordings(streams: Streams): RestRecordings {
  const running = () =>
    streams.list().flatMap(({ pullId }) => {
      const state = streams.recordingOf(pullId);
      return state === null ? [] : [{ pullId, parts: state.parts }];
    });

  return {
    list: () => jsonReply(streams.recordings().map(describe)),
    async recording(request) {
      const [, partId, what] = recordingPath.exec(request.path) ?? [];
      if (partId === undefined) throw new SluiceError('route.notFound');
      const { part, path } = streams.recordedFile(partId, what === '/thumbnail.jpg' ? 'thumbnail' : 'media');
      if (request.method === 'DELETE') {
        if (what !== undefined) throw new SluiceError('route.methodNotAllowed');
        await streams.removeRecording(partId);
        return { status: 204 };
      }
      if (what === undefined) return jsonReply(describe(part));
      if (what === '/thumbnail.jpg') return fileReply(request, path, 'image/jpeg', null);
      return fileReply(request, path, 'video/mp4', part.fileName ?? fileNameOf(part));
    },
    async ofStream(request, body) {
      const [, pullId = ''] = streamRecordingPath.exec(request.path) ?? [];
      if (request.method === 'POST') streams.startRecording(pullId, readRecordingStart(request, body));
      else if (request.method === 'DELETE') {
        await streams.stopRecording(pullId);
        return { status: 204 };
      }
      const state = streams.recordingOf(pullId);
      if (state === null) throw new SluiceError('recording.notFound');
      const { recordingId, trouble, parts } = state;
      return jsonReply({ recordingId, trouble, parts: parts.map(describe) });
    },
    start(request, body) {
      const { mediaSessionId, config } = readRecording(request, body);
      streams.startRecording(mediaSessionId, { template: config?.fileTemplate, rotation: config?.rotation });
      return done;
    },
    async stop(request, body) {
      await streams.stopRecording(readRecording(request, body).mediaSessionId);
      return done;
    },
    findAll() {
      const found = running().flatMap(({ pullId, parts }) => {
        const part = parts.find(({ state }) => state === 'recording') ?? parts.at(-1);
        return part === undefined ? [] : [{ fileName: fileNameOf(part), mediaSessionId: pullId }];
      });
      if (found.length === 0) throw new SluiceError('recording.notFound');
      return jsonReply(found);
    },
  };
}
