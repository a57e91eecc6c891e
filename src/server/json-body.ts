/** A JSON body, checked by its schema. */
import type { z } from 'zod';
import { isMediaType } from '../core/whep/whep.js';
import { SluiceError } from '../errors.js';
import type { HttpRequest } from './http.js';

/** Errors: request.mediaType; request.invalid, which names the field. */
export function readJson<T>(schema: z.ZodType<T>, request: HttpRequest, body: Buffer): T {
  // A page of another origin can post text/plain without a CORS preflight, but not JSON.
  if (!isMediaType(request.header('content-type'), 'application/json')) {
    throw new SluiceError('request.mediaType', 'send application/json');
  }
  return checked(schema, parse(body));
}

/** Error: request.invalid, which names the field. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
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
