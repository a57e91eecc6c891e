/** The JSON bodies of WCS's calls that begin and end recordings. */
import { z } from 'zod';
import type { HttpRequest } from './http.js';
import { readJson } from './json-body.js';
import { optional } from './rest-body.js';

const text = z.string('must be a string');
/** WCS has `20M`, or seconds as a string or a number. */
const rotation = z.union([text, z.number('must be a number')]).transform(String);
const config = z.object({ fileTemplate: optional(text), rotation: optional(rotation) });
export const recordingSchema = z
  .object({ mediaSessionId: z.string('is missing, or not a string'), config: optional(config) })
  .meta({ id: 'WcsRecording' });

/** Errors: request.mediaType, request.invalid. */
export const readRecording = (request: HttpRequest, body: Buffer) => readJson(recordingSchema, request, body);
