/** A still of a stream: GET /api/streams/{pullId}/snapshot.jpg or .png, with `width`. */
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { decodedName, type Handle, type HttpRequest, knowsTag } from './http.js';

const maxWidth = 7680;

const stillPath = /^\/api\/streams\/([^/]+)\/snapshot\.(jpg|png)$/;

/** For the route of stills, among those of streams. */
export const isStill = ({ path }: HttpRequest): boolean => stillPath.test(path);

/** What the path names the stream by. */
export const stillName = ({ path }: HttpRequest): string => decodedName(stillPath.exec(path)?.[1] ?? '');

/** 304 for who has the still of the newest keyframe already, without a decode. Errors: request.invalid, and those of Snapshot. */
export function createStills(streams: Pick<Streams, 'snapshot'>): Handle {
  return async (request) => {
    const kind = stillPath.exec(request.path)?.[2];
    const format = kind === 'png' ? 'png' : 'jpeg';
    const { tag, bytes } = await streams.snapshot(stillName(request), { format, width: readWidth(request.query) });
    const headers = { 'Content-Type': `image/${format}`, 'Cache-Control': 'no-cache', ETag: `"${tag}"` };
    return knowsTag(request, headers.ETag) ? { status: 304, headers } : { status: 200, headers, body: await bytes() };
  };
}

function readWidth(query: URLSearchParams): number | null {
  const text = query.get('width');
  if (text === null) return null;
  const width = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (width < 2 || width > maxWidth)
    throw new SluiceError('request.invalid', `width: it is no number of 2 to ${maxWidth}`);
  return width;
}
