/**
 * What recordings have by REST beside the operations of /api: their files, and WCS's calls
 * /rest-api/stream/{startRecording,stopRecording} and /rest-api/recorder/{startup,terminate,find_all}.
 */
import { fileNameOf, fileNameToCome } from '../core/recording/file-name.js';
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { fileReply } from './file-reply.js';
import { type Handle, type HttpReply, type HttpRequest, jsonReply } from './http.js';
import type { RecordedFiles } from './recorded-files.js';
import { readRecording } from './recording-body.js';

interface RestRecordings {
  /** GET /api/recordings/{id}/file */
  readonly file: Handle;
  /** GET /api/recordings/{id}/thumbnail.jpg */
  readonly thumbnail: Handle;
  /** Of the stream that the path's recording is of. Errors: recording.notFound, stream.elsewhere. */
  readonly streamName: (request: HttpRequest) => Promise<string>;
  /** WCS: begins a recording in place of the one that runs. */
  readonly start: Handle;
  readonly stop: Handle;
  readonly findAll: Handle;
}

const idOf = ({ path }: HttpRequest): string => path.split('/')[3] ?? '';

const done: HttpReply = { status: 200 };

export function createRestRecordings(streams: Streams, files: Pick<RecordedFiles, 'held'>): RestRecordings {
  const running = () =>
    streams.list().flatMap(({ pullId, localName }) => {
      const state = streams.recordingOf(pullId);
      if (state === null) return [];
      const { template, parts } = state;
      const part = parts.find((one) => one.state === 'recording') ?? parts.at(-1);
      const toCome = { template, streamName: localName, mediaSessionId: pullId };
      return [{ fileName: part === undefined ? fileNameToCome(toCome) : fileNameOf(part), mediaSessionId: pullId }];
    });

  return {
    async file(request) {
      const { part, path } = await files.held(idOf(request), 'media');
      return fileReply(request, path, 'video/mp4', part.fileName ?? fileNameOf(part));
    },
    thumbnail: async (request) =>
      fileReply(request, (await files.held(idOf(request), 'thumbnail')).path, 'image/jpeg', null),
    streamName: async (request) => (await files.held(idOf(request), 'media')).part.streamName,
    async start(request, body) {
      const { mediaSessionId, config } = readRecording(request, body);
      await streams.startRecording(mediaSessionId, { template: config?.fileTemplate, rotation: config?.rotation });
      return done;
    },
    async stop(request, body) {
      await streams.stopRecording(readRecording(request, body).mediaSessionId);
      return done;
    },
    findAll() {
      const found = running();
      if (found.length === 0) throw new SluiceError('recording.notFound');
      return jsonReply(found);
    },
  };
}
