/** How much a client of WCS signalling may send. */
import { createRateLimit } from '../guard/rate.js';

/**
 * The SDK sends each line of its log as a frame, and those that it kept all at once, when a page has it push logs. Nobody
 * reads them here, so they are told by their first bytes and never parsed.
 */
export const isLogFrame = (text: string): boolean => text.startsWith('{"message":"pushLogs"');

const tokenLength = 4096;

/**
 * In requests of its client, of whom each socket has as many frames as below: to read one takes about as long as a request, and a
 * long one longer. Those of the log cost nothing.
 */
export const requestsOf = (text: string): number => (isLogFrame(text) ? 0 : 1 + Math.floor(text.length / tokenLength));

/** A page with 64 streams asks for each whether it is available, and plays it. */
const frames = { perMinute: 1200, burst: 256 };
const logFrames = { perMinute: 12_000, burst: 4000 };
/** A bug report of the SDK holds its log. Each of these tokens is for 64 KiB of a longer frame: to parse one takes 1 ms. */
const longParts = { perMinute: 256, burst: 128 };
const partLength = 65_536;

export class FrameBudget {
  readonly #frames = createRateLimit(frames);
  readonly #logFrames = createRateLimit(logFrames);
  readonly #longParts = createRateLimit(longParts);

  /** False: the client has sent too much. */
  take(text: string, nowMs: number): boolean {
    if (isLogFrame(text)) return this.#logFrames.take('', nowMs);
    for (let part = 1; part <= text.length / partLength; part += 1) {
      if (!this.#longParts.take('', nowMs)) return false;
    }
    return this.#frames.take('', nowMs);
  }
}
