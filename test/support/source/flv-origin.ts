/**
 * An RTMP source on loopback that plays the tags of an FLV over and over at their times, byte by byte as they are, from its first
 * player on.
 */
import { openOrigin } from '../../../actors/demo/origin.js';
import type { FlvTag } from './flv-file.js';

export interface FlvOrigin {
  readonly uri: string;
  close(): Promise<void>;
}

export interface FlvOriginOptions {
  readonly tags: readonly FlvTag[];
  /** Each round begins with the first tag of this time or later, in ms: what comes before it is left out. */
  readonly fromMs?: number;
  /** From the first tag of a round to that of the next. */
  readonly roundMs?: number;
}

const tickMs = 5;

export async function startFlvOrigin({ tags, fromMs = 0, roundMs }: FlvOriginOptions): Promise<FlvOrigin> {
  const headers = tags.filter(({ track, body }) => track !== 'data' && isHeader(track, body));
  const loop = tags.filter(({ track, body, timestampMs }) => {
    return track !== 'data' && !isHeader(track, body) && timestampMs >= fromMs && body.length > 5;
  });
  const firstMs = loop[0]?.timestampMs ?? 0;
  const lastMs = loop.at(-1)?.timestampMs ?? 0;
  const everyMs = roundMs ?? lastMs - firstMs + 40;
  const headerOf = (track: FlvTag['track']) => headers.find((tag) => tag.track === track)?.body ?? new Uint8Array();
  const configuration = { video: headerOf('video'), audio: headerOf('audio') };
  /** When the first player came; null: none yet. */
  let startMs: number | null = null;
  const origin = await openOrigin(0, configuration, () => {
    startMs ??= performance.now();
  });
  let next = 0;
  const timer = setInterval(() => {
    if (startMs === null) return;
    for (;;) {
      const tag = loop[next % loop.length];
      if (tag === undefined || tag.track === 'data') return;
      const round = Math.floor(next / loop.length);
      const timestampMs = Math.round(round * everyMs + tag.timestampMs - firstMs);
      if (timestampMs > performance.now() - startMs) return;
      origin.frame({ track: tag.track, isKeyframe: true, timestampMs, body: tag.body });
      next += 1;
    }
  }, tickMs);
  return {
    uri: `rtmp://127.0.0.1:${origin.port}/live/flv`,
    async close() {
      clearInterval(timer);
      await origin.close();
    },
  };
}

/** AVC's and AAC's sequence headers, and their end. */
const isHeader = (track: FlvTag['track'], body: Uint8Array): boolean =>
  track === 'video' ? (body[0] ?? 0) < 0x80 && body[1] !== 1 : body[1] !== 1;
