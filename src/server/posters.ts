/**
 * GET /poster/{name}: the newest keyframe of a stream that is live, as a JPEG, for players that have not begun. Anybody may ask, so
 * each stream's is made once in a while, and few at a time.
 */
import { createTurns } from '../core/guard/turns.js';
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { decodedName, type Handle } from './http.js';
import type { PlaybackGate } from './playback-gate.js';
import { playbackRequest } from './playback-request.js';

const keptMs = 10_000;
/** Being made; further ones wait, at most one for each stream. */
const maxAtOnce = 4;

interface Poster {
  readonly atMs: number;
  readonly jpeg: Promise<Uint8Array>;
}

interface PosterParts {
  readonly streams: Pick<Streams, 'find' | 'snapshot'>;
  readonly gate: Pick<PlaybackGate, 'glance' | 'needsToken'>;
  /** False: viewers are let in by WCS signalling alone, and see nothing before. */
  readonly isOpen: boolean;
  readonly nowMs: () => number;
}

export function createPosters({ streams, gate, isOpen, nowMs }: PosterParts): Handle {
  const posters = new Map<string, Poster>();
  const turns = createTurns({ max: maxAtOnce, maxPerClient: maxAtOnce });

  const make = (name: string, clientIp: string): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const end = turns.request(clientIp, () => {
        streams
          .snapshot(name, { format: 'jpeg', width: null })
          .then(({ bytes }) => bytes())
          .then(resolve, reject)
          .finally(() => end());
      });
    });

  const posterOf = (name: string, pullId: string, clientIp: string): Promise<Uint8Array> => {
    const now = nowMs();
    const known = posters.get(pullId);
    if (known !== undefined && now - known.atMs < keptMs) return known.jpeg;
    for (const [id, { atMs }] of posters) if (now - atMs >= keptMs) posters.delete(id);
    const jpeg = make(name, clientIp);
    posters.set(pullId, { atMs: now, jpeg });
    jpeg.catch(() => posters.delete(pullId));
    return jpeg;
  };

  return async (request) => {
    if (!isOpen) throw new SluiceError('viewer.hooksOnly');
    const name = decodedName(request.path.slice('/poster/'.length));
    await gate.glance(playbackRequest(request, 'poster', name));
    const pull = streams.find(name);
    if (pull === undefined) throw new SluiceError('stream.notFound');
    const headers = {
      'Content-Type': 'image/jpeg',
      'Cache-Control': `${gate.needsToken ? 'private, ' : ''}max-age=${keptMs / 1000}`,
      'Cross-Origin-Resource-Policy': 'cross-origin',
    };
    return { status: 200, headers, body: await posterOf(name, pull.pullId, request.client.ip) };
  };
}
