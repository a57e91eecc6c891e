/**
 * Transport-wide feedback: which packets came, and when (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1). The
 * count of feedback packets is not read: nothing is decided by a report that got lost.
 */
import { createByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';

const where = 'rtcp.twcc';
/**
 * Browsers report some twenty times a second, and a burst of cached frames is 1,500 packets in that time. A run of
 * packets that did not come is two bytes of the report, however long: without a limit a few bytes were much work.
 */
export const maxReported = 4096;
/** Reference times are counted in 64 ms modulo 2^24. */
export const referenceUnitMs = 64;
const msPerTick = 0.25;

export interface TwccFeedback {
  readonly kind: 'twcc';
  /** Transport-wide number of the first packet that is reported, 16 bits; the others follow it. */
  readonly firstSequence: number;
  /** By the receiver's clock: 0 to 2^24 - 1, in units of 64 ms. */
  readonly reference64ms: number;
  /** Of each packet in order: ms after the reference time, in steps of 0.25; null: it did not come. */
  readonly arrivedMs: readonly (number | null)[];
}

type Status = 'lost' | 'near' | 'far';

/** `body`: what follows the two sources of the feedback packet (RFC 4585 6.1). */
export function readTwccFeedback(body: Uint8Array): TwccFeedback {
  const reader = createByteReader(body, where);
  const firstSequence = reader.u16();
  const count = reader.u16();
  const reference64ms = reader.u24();
  reader.u8();
  if (count === 0 || count > maxReported) throw new WireError(where, `it reports ${count} packets`);
  const statuses: Status[] = [];
  while (statuses.length < count) readChunk(reader.u16(), count - statuses.length, statuses);
  let ticks = 0;
  const arrivedMs = statuses.map((status) => {
    if (status === 'lost') return null;
    ticks += status === 'near' ? reader.u8() : reader.i16();
    return ticks * msPerTick;
  });
  return { kind: 'twcc', firstSequence, reference64ms, arrivedMs };
}

/** Adds at most `left` statuses: what a chunk says beyond the count is filling. */
function readChunk(chunk: number, left: number, statuses: Status[]): void {
  // 3.1.3: a run of one status, by its 13 bits of length.
  if (chunk < 0x8000) {
    const status = statusOf(chunk >> 13);
    const length = Math.min(left, chunk & 0x1fff);
    for (let n = 0; n < length; n += 1) statuses.push(status);
    return;
  }
  // 3.1.4: a vector of 7 statuses of two bits, or of 14 of one.
  const bits = (chunk & 0x4000) === 0 ? 1 : 2;
  for (let at = 14 - bits, n = 0; at >= 0 && n < left; at -= bits, n += 1) {
    statuses.push(statusOf((chunk >> at) & (2 ** bits - 1)));
  }
}

/** 3.1.1. */
function statusOf(symbol: number): Status {
  switch (symbol) {
    case 0:
      return 'lost';
    case 1:
      return 'near';
    case 2:
      return 'far';
    default:
      throw new WireError(where, 'a status that means nothing');
  }
}
