/** Compares what somebody gave with a secret. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** In a time that does not tell how much of it is right. */
export function isSameSecret(given: string, secret: string): boolean {
  const [one, other] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
