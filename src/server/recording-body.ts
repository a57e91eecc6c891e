/** The JSON bodies of what begins and ends recordings. */
import { z } from 'zod';
import type { RecordingOptions } from '../supervisor/streams.js';
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
export const startSchema = z
  .object({ template: optional(text), rotation: optional(rotation) })
  .meta({ id: 'RecordingStart' });

/** Errors of both: request.mediaType, request.invalid. */
export const readRecording = (request: HttpRequest, body: Buffer) => readJson(recordingSchema, request, body);
/** An empty body: as the configuration says. */
export const readRecordingStart = (request: HttpRequest, body: Buffer): RecordingOptions =>
  body.length === 0 ? {} : readJson(startSchema, request, body);
