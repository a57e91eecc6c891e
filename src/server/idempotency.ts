/** Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-06): the same request sent twice is carried out once. */
import { createHash } from 'node:crypto';
import { SluiceError } from '../errors.js';
import type { Handle, HttpReply, HttpRequest } from './http.js';

interface Answered {
  readonly atMs: number;
  /** Of path and body. */
  readonly fingerprint: string;
  readonly reply: Promise<HttpReply>;
}

const keptMs = 600_000;
const maxKept = 1000;
const maxKeyChars = 255;

/** A refusal is forgotten: the same key may be tried again. */
export function createIdempotency(
  nowMs: () => number,
): (request: HttpRequest, body: Buffer, handle: Handle) => HttpReply | Promise<HttpReply> {
  const answered = new Map<string, Answered>();

  const forgetOld = (): void => {
    for (const [key, { atMs }] of answered) {
      if (answered.size <= maxKept && nowMs() - atMs < keptMs) return;
      answered.delete(key);
    }
  };

  return (request, body, handle) => {
    const key = request.header('idempotency-key');
    if (key === '') return handle(request, body);
    if (key.length > maxKeyChars)
      throw new SluiceError('request.invalid', `Idempotency-Key is longer than ${maxKeyChars}`);
    forgetOld();
    const fingerprint = createHash('sha256').update(`${request.path}\n`).update(body).digest('base64');
    const before = answered.get(key);
    if (before !== undefined && before.fingerprint !== fingerprint) throw new SluiceError('request.keyReused');
    if (before !== undefined) return before.reply;
    const reply = Promise.resolve(handle(request, body));
    answered.set(key, { atMs: nowMs(), fingerprint, reply });
    reply.catch(() => answered.delete(key));
    return reply;
  };
}
