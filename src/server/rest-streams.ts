/** WCS's REST calls for published streams: /rest-api/stream/{find,find_all,terminate,snapshot}. Each is a pull here. */
import { SluiceError } from '../errors.js';
import type { PullInfo, Streams } from '../supervisor/streams.js';
import { type Handle, jsonReply } from './http.js';
import { readStreamFilter, readStreamName, type StreamFilter } from './rest-body.js';

interface RestStreams {
  readonly find: Handle;
  readonly findAll: Handle;
  readonly terminate: Handle;
  readonly snapshot: Handle;
}

export function createRestStreams(streams: Streams): RestStreams {
  const published = (): readonly PullInfo[] => streams.list().filter(({ state }) => state === 'PROCESSED_REMOTE');

  return {
    find: (request, body) => jsonReply(select(published(), readStreamFilter(request, body)).map(describe)),
    findAll: () => jsonReply(select(published()).map(describe)),
    terminate(request, body) {
      const filter = readStreamFilter(request, body);
      // In some versions of WCS an empty query stopped every stream, which is too dangerous.
      if (Object.values(filter).every((value) => value === undefined)) {
        throw new SluiceError('request.invalid', 'mediaSessionId or name is missing');
      }
      // By id, because the listed uri has its credentials masked.
      for (const { pullId } of select(streams.list(), filter)) streams.terminate({ pullId });
      return { status: 200 };
    },
    async snapshot(request, body) {
      const png = await streams.snapshot(readStreamName(request, body));
      return jsonReply({ data: Buffer.from(png).toString('base64') });
    },
  };
}

/** The pulls that the filter selects; without a filter all. Error: stream.notFound when there is none. */
function select(pulls: readonly PullInfo[], filter?: StreamFilter): readonly PullInfo[] {
  const ids = [filter?.mediaSessionId ?? [], filter?.mediaSessionIds ?? []].flat();
  const fits = (pull: PullInfo): boolean =>
    (ids.length === 0 || ids.includes(pull.pullId)) &&
    (filter?.name === undefined || filter.name === pull.localName) &&
    filter?.published !== false;
  const fitting = pulls.filter(fits);
  if (fitting.length === 0) throw new SluiceError('stream.notFound');
  return fitting;
}

/** In WCS's form, with the SDP encoding name of AAC (RFC 3640). */
const audioCodec = ({ codec, sampleRateHz, channels }: NonNullable<PullInfo['media']['audio']>): string =>
  `${codec === 'AAC' ? 'mpeg4-generic' : codec}/${sampleRateHz}/${channels}`;

const describe = ({ pullId, localName, media, record, createdAtMs }: PullInfo) => ({
  appKey: 'flashStreamingApp',
  mediaSessionId: pullId,
  name: localName,
  published: true,
  hasVideo: media.video !== null,
  hasAudio: media.audio !== null,
  status: 'PUBLISHING',
  audioCodec: media.audio === null ? null : audioCodec(media.audio),
  videoCodec: media.video?.codec ?? null,
  record,
  width: media.video?.width ?? 0,
  height: media.video?.height ?? 0,
  createDate: createdAtMs,
  mediaType: 'publish',
  mediaProvider: 'Flash',
});
