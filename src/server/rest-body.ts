/** The JSON bodies of the control API. An error names the invalid field; unknown fields are ignored. */
import { z } from 'zod';
import { isSourceAddress, sourceSchemes } from '../core/source/schemes.js';
import type { HttpRequest } from './http.js';
import { readJson } from './json-body.js';

const maxUriLength = 2048;
const maxNameBytes = 512;

const sourceUri = z
  .string('is missing, or not a string')
  .max(maxUriLength, `is longer than ${maxUriLength} characters`)
  .refine(isSourceAddress, `must be an address by ${sourceSchemes}`);

/** The WCS documentation has both `true` and `"true"`. */
const flag = z
  .union([z.boolean(), z.literal('true'), z.literal('false')], 'must be true, false, "true" or "false"')
  .transform((value) => value === true || value === 'true');

const localName = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .refine((name) => Buffer.byteLength(name) <= maxNameBytes, `is longer than ${maxNameBytes} bytes`);

// Clients of WCS send null for an absent value.
export const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

export const pullSchema = z
  .object({
    uri: optional(sourceUri),
    uris: optional(z.array(sourceUri, 'must be an array of addresses').min(1, 'must not be empty')),
    localStreamName: optional(localName),
    /** With a ws:// or wss:// uri: what the stream is called there. */
    remoteStreamName: optional(localName),
    record: optional(flag),
    hasAudio: optional(flag),
    hasVideo: optional(flag),
    /** An extension: where the source stands (cluster.label). */
    label: optional(z.string('must be a string').max(64, 'is longer than 64 characters')),
  })
  .refine(({ uri, uris }) => uri !== undefined || uris !== undefined, { path: ['uri'], message: 'is missing' })
  .meta({ id: 'WcsPull' });
export const terminateSchema = z
  .object({
    uri: optional(z.string('must be a string')),
    localStreamName: optional(z.string('must be a string')),
    remoteStreamName: optional(z.string('must be a string')),
  })
  .refine(({ uri, localStreamName }) => uri !== undefined || localStreamName !== undefined, {
    path: ['uri'],
    message: 'is missing, and localStreamName too',
  })
  .meta({ id: 'WcsTerminate' });
export const streamNameSchema = z.object({ streamName: localName }).meta({ id: 'WcsStreamName' });
/** A key that is none of these would widen the match if it were ignored, so it is refused. */
export const streamFilterSchema = z
  .strictObject(
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
  )
  .meta({ id: 'WcsStreamFilter' });
const streamSchema = z.preprocess(withoutNulls, streamFilterSchema);

const text = z.string('is missing, or not a string');
export const connectionFilterSchema = z
  .strictObject(
    { sessionId: optional(text), appKey: optional(text), clientVersion: optional(text) },
    'has a key that is no filter; filters are sessionId, appKey, clientVersion',
  )
  .meta({ id: 'WcsConnectionFilter' });
const connectionSchema = z.preprocess(withoutNulls, connectionFilterSchema);
export const sessionSchema = z.object({ sessionId: text }).meta({ id: 'WcsSession' });
const payload = z.unknown().refine((value) => value !== undefined, 'is missing');
export const dataSchema = z
  .object({
    sessionIds: z.array(z.string(), 'must be an array of strings').min(1, 'must not be empty'),
    operationId: optional(z.string('must be a string')),
    payload,
  })
  .meta({ id: 'WcsData' });
export const eventSchema = z.object({ streamName: localName, payload }).meta({ id: 'WcsEvent' });

export type StreamFilter = z.infer<typeof streamSchema>;

/** Errors of all these: request.mediaType, request.invalid. */
export const readPull = (request: HttpRequest, body: Buffer) => readJson(pullSchema, request, body);
export const readTerminate = (request: HttpRequest, body: Buffer) => readJson(terminateSchema, request, body);
export const readStreamName = (request: HttpRequest, body: Buffer): string =>
  readJson(streamNameSchema, request, body).streamName;
export const readSessionId = (request: HttpRequest, body: Buffer): string =>
  readJson(sessionSchema, request, body).sessionId;
export const readDataToSend = (request: HttpRequest, body: Buffer) => readJson(dataSchema, request, body);
export const readEventToSend = (request: HttpRequest, body: Buffer) => readJson(eventSchema, request, body);
export const readConnectionFilter = (request: HttpRequest, body: Buffer) =>
  body.length === 0 ? connectionSchema.parse({}) : readJson(connectionSchema, request, body);
/** An empty body is an empty filter. */
export const readStreamFilter = (request: HttpRequest, body: Buffer): StreamFilter =>
  body.length === 0 ? streamSchema.parse({}) : readJson(streamSchema, request, body);

/** Clients that send whole objects of theirs send null for what they do not filter by. */
function withoutNulls(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
    : value;
}
