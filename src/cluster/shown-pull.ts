/** A pull as its owner shows it to the other nodes, for their lists: without secrets, as all lists are. */
import { z } from 'zod';
import type { MediaInfo } from '../core/codec/media-info.js';
import { type ErrorCode, isErrorCode } from '../errors.js';
import type { PullInfo } from '../supervisor/pull-info.js';

const text = z.string();
const count = z.number();
const code = z.custom<ErrorCode>(isErrorCode);
const size = { width: count, height: count };
const media = z.object({
  video: z
    .discriminatedUnion('codec', [
      z.object({ codec: z.literal('H264'), profileLevelId: text.nullable(), ...size }),
      z.object({ codec: z.literal('HEVC'), profileIdc: count, ...size }),
      z.object({ codec: z.literal('AV1'), profile: count, ...size }),
      z.object({ codec: z.literal('VP9'), profile: count, ...size }),
    ])
    .nullable(),
  audio: z.object({ codec: text, sampleRateHz: count, channels: count }).nullable(),
  missing: z.array(z.object({ track: z.enum(['audio', 'video']), code, detail: text })).optional(),
}) satisfies z.ZodType<unknown>;

const form = z.object({
  pullId: text,
  localName: text,
  givenName: text.nullable(),
  uri: text,
  uris: z.array(text),
  playingUri: text.nullable(),
  remoteSessionId: text.nullable(),
  origin: z.enum(['rest', 'viewer', 'config', 'demo']),
  state: z.enum(['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE', 'STOPPED', 'FAILED']),
  reason: code.nullable(),
  detail: text,
  record: z.boolean(),
  hasAudio: z.boolean(),
  hasVideo: z.boolean(),
  media,
  viewers: count,
  players: count,
  restarts: count,
  createdAtMs: count,
});

export const shownOf = (info: PullInfo): string => JSON.stringify(info);

/** Null: nothing is shown yet, or by a node of another version. */
export function readShown(shown: string): PullInfo | null {
  if (shown === '') return null;
  const { data } = form.safeParse(parsed(shown));
  return data === undefined ? null : { ...data, media: mediaOf(data.media), linkDelayMs: null };
}

/** Absent is not undefined. */
function mediaOf({ video, audio, missing }: z.infer<typeof media>): MediaInfo {
  return { video, audio, ...(missing === undefined ? {} : { missing }) };
}

function parsed(shown: string): unknown {
  try {
    return JSON.parse(shown);
  } catch {
    return null;
  }
}
