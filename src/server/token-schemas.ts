/** Playback tokens, as /api makes and lists them. */
import { z } from 'zod';

const text = z.string();
const count = z.number();
const flag = z.boolean();
const utcMs = z.number().describe('UTC, in ms since 1970');

/** Patterns: `*` stands for any characters. */
const streamNames = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(64)], 'must be a name, a pattern, or a list of them')
  .describe('Names, `*` for any characters; an address (rtmp://…) only where the pattern begins like one');
export const tokenOrder = z
  .strictObject({
    stream: streamNames,
    expiresInS: z.int().min(1).max(31_622_400).default(3600).describe('At most playback.maxLifetimeS'),
    maxViewers: z.int().min(1).max(1_000_000).optional().describe('How many may play by it at the same time'),
    once: flag.default(false).describe('It lets in a single time'),
    recordings: flag.default(false).describe('Recordings of these streams may be loaded by it too'),
    subject: z.string().min(1).max(128).optional().describe('Whose it is, for lists'),
  })
  .meta({ id: 'TokenOrder' });
export const madeToken = z
  .object({
    token: text,
    id: text.describe('For DELETE /api/tokens/{id}'),
    expiresAtMs: utcMs,
    playPath: text.nullable().describe('The page of the stream, with the token; null for a pattern'),
  })
  .meta({ id: 'MadeToken' });
export const usedToken = z
  .object({
    id: text,
    subject: text.nullable(),
    streams: z.array(text),
    expiresAtMs: utcMs.describe('Nobody is let in later; who plays by then plays on'),
    viewers: count,
    maxViewers: count.nullable(),
  })
  .meta({ id: 'UsedToken' });
