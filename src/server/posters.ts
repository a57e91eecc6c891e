/**
 * GET /poster/{name}: the newest keyframe of a stream that is live, as a PNG, for players that have not begun. Anybody may ask, so
 * each stream's is made once in a while, and few at a time.
 */
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { decodedName, type Handle } from './http.js';
import type { PlaybackGate } from './playback-gate.js';
import { playbackRequest } from './playback-request.js';

const keptMs = 10_000;
/** Being made; a further one is refused. */
const maxAtOnce = 4;
const maxKept = 200;

interface Poster {
  readonly atMs: number;
  readonly png: Promise<Uint8Array>;
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
  let beingMade = 0;

  const make = async (name: string): Promise<Uint8Array> => {
    if (beingMade >= maxAtOnce) throw new SluiceError('request.tooMany', 'too many posters are being made');
    beingMade += 1;
    try {
      return (await streams.snapshot(name, { format: 'png', width: null })).bytes;
    } finally {
      beingMade -= 1;
    }
  };

  const posterOf = (name: string, pullId: string): Promise<Uint8Array> => {
    const known = posters.get(pullId);
    if (known !== undefined && nowMs() - known.atMs < keptMs) return known.png;
    const png = make(name);
    posters.delete(pullId);
    posters.set(pullId, { atMs: nowMs(), png });
    png.catch(() => posters.delete(pullId));
    const [oldest] = posters.keys();
    if (posters.size > maxKept && oldest !== undefined) posters.delete(oldest);
    return png;
  };

  return async (request) => {
    if (!isOpen) throw new SluiceError('viewer.hooksOnly');
    const name = decodedName(request.path.slice('/poster/'.length));
    await gate.glance(playbackRequest(request, 'poster', name));
    const pull = streams.find(name);
    if (pull === undefined) throw new SluiceError('stream.notFound');
    const headers = {
      'Content-Type': 'image/png',
      'Cache-Control': `${gate.needsToken ? 'private, ' : ''}max-age=${keptMs / 1000}`,
      'Cross-Origin-Resource-Policy': 'cross-origin',
    };
    return { status: 200, headers, body: await posterOf(name, pull.pullId) };
  };
}
