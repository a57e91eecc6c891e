/** The JSON bodies of the control API. What is wrong is said with the name of the field; unknown fields are ignored. */
import { z } from 'zod';
import { faults } from '../core/supervise/faults.js';
import { isMediaType } from '../core/whep/whep.js';
import { SluiceError } from '../errors.js';
import type { HttpRequest } from './http.js';

const maxUriLength = 2048;
const maxNameBytes = 512;

const rtmpUri = z
  .string('is missing, or not a string')
  .max(maxUriLength, `is longer than ${maxUriLength} characters`)
  .regex(/^rtmps?:\/\/./i, 'must be an rtmp:// or rtmps:// address');

/** WCS's documents write both `true` and `"true"`. */
const flag = z
  .union([z.boolean(), z.literal('true'), z.literal('false')], 'must be true, false, "true" or "false"')
  .transform((value) => value === true || value === 'true');

const localName = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .refine((name) => Buffer.byteLength(name) <= maxNameBytes, `is longer than ${maxNameBytes} bytes`);

// WCS's clients write null for what they leave open.
const open = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

const pullSchema = z
  .object({
    uri: open(rtmpUri),
    uris: open(z.array(rtmpUri, 'must be an array of addresses').min(1, 'must not be empty')),
    localStreamName: open(localName),
    record: open(flag),
    hasAudio: open(flag),
    hasVideo: open(flag),
  })
  .refine(({ uri, uris }) => uri !== undefined || uris !== undefined, { path: ['uri'], message: 'is missing' });
const uriSchema = z.object({ uri: z.string('is missing, or not a string') });
const streamNameSchema = z.object({ streamName: localName });
const faultSchema = z.object({
  name: z.string('is missing, or not a string'),
  fault: z.enum(faults, `must be one of ${faults.join(', ')}`),
});
const streamSchema = z.object({
  mediaSessionId: open(z.string('must be a string')),
  mediaSessionIds: open(z.array(z.string(), 'must be an array of strings')),
  name: open(z.string('must be a string')),
  published: open(flag),
});

export type StreamFilter = z.infer<typeof streamSchema>;

/** All of these throw: request.mediaType, request.invalid. */
export const readPull = (request: HttpRequest, body: Buffer) => read(pullSchema, request, body);
export const readUri = (request: HttpRequest, body: Buffer): string => read(uriSchema, request, body).uri;
export const readStreamName = (request: HttpRequest, body: Buffer): string =>
  read(streamNameSchema, request, body).streamName;
export const readFault = (request: HttpRequest, body: Buffer) => read(faultSchema, request, body);
/** An empty body is an empty filter. */
export const readStreamFilter = (request: HttpRequest, body: Buffer): StreamFilter =>
  body.length === 0 ? streamSchema.parse({}) : read(streamSchema, request, body);

function read<T>(schema: z.ZodType<T>, request: HttpRequest, body: Buffer): T {
  // A page of another origin may post text/plain without asking first; JSON it may not.
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
