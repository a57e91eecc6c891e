/** One handshake message put together from its fragments, in whatever order and overlap they come (RFC 6347 4.2.3). */
import type { HandshakeFragment } from './record.js';

/** More gaps than this in one message: no real client sends it in so many pieces out of order. */
const maxRanges = 32;

export interface Assembly {
  readonly sizeBytes: number;
  /** True when the fragment says the same type and length of the message as those before it. */
  fits(fragment: HandshakeFragment): boolean;
  /** The whole message once no byte of it is missing, else null. */
  add(fragment: HandshakeFragment): Buffer | null;
}

type Range = readonly [start: number, end: number];

export function createAssembly(first: HandshakeFragment): Assembly {
  const { type, messageBytes } = first;
  const message = Buffer.alloc(messageBytes);
  let ranges: readonly Range[] = [];

  const cover = (start: number, end: number): void => {
    const apart = ranges.filter(([from, to]) => to < start || from > end);
    const joined = ranges.filter((range) => !apart.includes(range));
    const from = Math.min(start, ...joined.map(([at]) => at));
    const to = Math.max(end, ...joined.map(([, at]) => at));
    ranges = [...apart, [from, to]];
  };

  return {
    sizeBytes: messageBytes,
    fits: (fragment) => fragment.type === type && fragment.messageBytes === messageBytes,
    add({ offset, body }) {
      if (ranges.length >= maxRanges) return null;
      message.set(body, offset);
      cover(offset, offset + body.length);
      const [only] = ranges;
      return ranges.length === 1 && only?.[0] === 0 && only[1] === messageBytes ? message : null;
    },
  };
}
