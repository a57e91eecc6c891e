/** The body of a player's report of how it plays (POST /whep/session/{id}/report). */
import { z } from 'zod';
import type { PlaybackReport } from '../core/whep/playback-report.js';

const count = z.number().min(0).max(1e12);
const word = z.string().max(64);

export const playbackReportSchema: z.ZodType<PlaybackReport> = z
  .object({
    framesDecoded: count,
    framesDropped: count,
    firstFrameMs: count.nullable().default(null),
    freezes: count,
    frozenMs: count,
    framesPerSecond: count,
    bitrateKbps: count,
    lossFraction: z.number().min(0).max(1),
    jitterMs: count,
    roundTripMs: count.nullable(),
    delayMs: z.number().min(-1e9).max(1e9).nullable(),
    codec: word,
    decoder: word,
    width: count,
    height: count,
    protocol: word,
    candidate: word,
  })
  .meta({ id: 'PlaybackReport' });
