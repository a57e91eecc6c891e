/** The JSON bodies of the control API. An error names the invalid field; unknown fields are ignored. */
import { z } from 'zod';
import { faults } from '../core/supervise/faults.js';
import { isMediaType } from '../core/whep/whep.js';
import { SluiceError } from '../errors.js';
import type { HttpRequest } from './http.js';

const maxUriLength = 2048;
const maxNameBytes = 512;
const maxDrainMs = 86_400_000;
/** With the 8 s that the end may take, the process is gone 10 s after the order. */
const defaultDrainMs = 2000;

const rtmpUri = z
  .string('is missing, or not a string')
  .max(maxUriLength, `is longer than ${maxUriLength} characters`)
  .regex(/^rtmps?:\/\/./i, 'must be an rtmp:// or rtmps:// address');

/** The WCS documentation has both `true` and `"true"`. */
const flag = z
  .union([z.boolean(), z.literal('true'), z.literal('false')], 'must be true, false, "true" or "false"')
  .transform((value) => value === true || value === 'true');

const localName = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .refine((name) => Buffer.byteLength(name) <= maxNameBytes, `is longer than ${maxNameBytes} bytes`);

// Clients of WCS send null for an absent value.
const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

const pullSchema = z
  .object({
    uri: optional(rtmpUri),
    uris: optional(z.array(rtmpUri, 'must be an array of addresses').min(1, 'must not be empty')),
    localStreamName: optional(localName),
    record: optional(flag),
    hasAudio: optional(flag),
    hasVideo: optional(flag),
  })
  .refine(({ uri, uris }) => uri !== undefined || uris !== undefined, { path: ['uri'], message: 'is missing' });
const terminateSchema = z
  .object({ uri: optional(z.string('must be a string')), localStreamName: optional(z.string('must be a string')) })
  .refine(({ uri, localStreamName }) => uri !== undefined || localStreamName !== undefined, {
    path: ['uri'],
    message: 'is missing, and localStreamName too',
  });
const streamNameSchema = z.object({ streamName: localName });
const faultSchema = z.object({
  name: z.string('is missing, or not a string'),
  fault: z.enum(faults, `must be one of ${faults.join(', ')}`),
});
const drainSchema = z.strictObject(
  {
    afterMs: z
      .int('must be a whole number of milliseconds')
      .min(0, 'must not be negative')
      .max(maxDrainMs, `must be at most ${maxDrainMs}`)
      .default(defaultDrainMs),
  },
  'has a key that is not known; the only one is afterMs',
);
/** A key that is none of these would widen the match if it were ignored, so it is refused. */
const streamSchema = z.preprocess(
  withoutNulls,
  z.strictObject(
    {
      mediaSessionId: optional(z.string('must be a string')),
      mediaSessionIds: optional(z.array(z.string(), 'must be an array of strings')),
      name: optional(z.string('must be a string')),
      published: optional(flag),
      status: optional(z.string('must be a string')),
      sessionId: optional(z.string('must be a string')),
      /** What is shown beside the fields; no filter. */
      display: optional(z.array(z.string(), 'must be an array of strings')),
    },
    'has a key that is no filter; filters are mediaSessionId, mediaSessionIds, name, published, status, sessionId',
  ),
);

const text = z.string('is missing, or not a string');
const connectionSchema = z.preprocess(
  withoutNulls,
  z.strictObject(
    { sessionId: optional(text), appKey: optional(text), clientVersion: optional(text) },
    'has a key that is no filter; filters are sessionId, appKey, clientVersion',
  ),
);
const sessionSchema = z.object({ sessionId: text });
const payload = z.unknown().refine((value) => value !== undefined, 'is missing');
const dataSchema = z.object({
  sessionIds: z.array(z.string(), 'must be an array of strings').min(1, 'must not be empty'),
  operationId: optional(z.string('must be a string')),
  payload,
});
const eventSchema = z.object({ streamName: localName, payload });

export type StreamFilter = z.infer<typeof streamSchema>;

/** Errors of all these: request.mediaType, request.invalid. */
export const readPull = (request: HttpRequest, body: Buffer) => read(pullSchema, request, body);
export const readTerminate = (request: HttpRequest, body: Buffer) => read(terminateSchema, request, body);
export const readStreamName = (request: HttpRequest, body: Buffer): string =>
  read(streamNameSchema, request, body).streamName;
/** For how long the drain may be taken back, ms; 2000 without a body. */
export const readDrain = (request: HttpRequest, body: Buffer): number =>
  (body.length === 0 ? drainSchema.parse({}) : read(drainSchema, request, body)).afterMs;
export const readFault = (request: HttpRequest, body: Buffer) => read(faultSchema, request, body);
export const readSessionId = (request: HttpRequest, body: Buffer): string =>
  read(sessionSchema, request, body).sessionId;
export const readDataToSend = (request: HttpRequest, body: Buffer) => read(dataSchema, request, body);
export const readEventToSend = (request: HttpRequest, body: Buffer) => read(eventSchema, request, body);
export const readConnectionFilter = (request: HttpRequest, body: Buffer) =>
  body.length === 0 ? connectionSchema.parse({}) : read(connectionSchema, request, body);
/** An empty body is an empty filter. */
export const readStreamFilter = (request: HttpRequest, body: Buffer): StreamFilter =>
  body.length === 0 ? streamSchema.parse({}) : read(streamSchema, request, body);

/** Clients that send whole objects of theirs send null for what they do not filter by. */
function withoutNulls(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
    : value;
}

function read<T>(schema: z.ZodType<T>, request: HttpRequest, body: Buffer): T {
  // A page of another origin can post text/plain without a CORS preflight, but not JSON.
  if (!isMediaType(request.header('content-type'), 'application/json')) {
    throw new SluiceError('request.mediaType', 'send application/json');
  }
  const result = schema.safeParse(parse(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SluiceError('request.invalid', `${issue?.path.join('.') || 'the body'} ${issue?.message ?? ''}`);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new SluiceError('request.invalid', 'the body is not JSON');
  }
}
