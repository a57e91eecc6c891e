/**
 * What a call over a thread boundary gives: plain data, because Comlink carries only message and stack of an error, and
 * the row of the error table would be lost.
 */
import { type ErrorCode, isErrorCode, readThrown, SluiceError } from '../../errors.js';

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };

/** Never rejects. Anything but a SluiceError is our bug and becomes `internal`. */
export async function toOutcome<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (error instanceof SluiceError) return { ok: false, code: error.code, detail: error.detail };
    return { ok: false, code: 'internal', detail: readThrown(error).message };
  }
}

/** Error: the SluiceError that the other side threw. */
export function fromOutcome<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new SluiceError(isErrorCode(outcome.code) ? outcome.code : 'internal', outcome.detail);
}
