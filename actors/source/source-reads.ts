/**
 * What comes by a source's socket, read into one buffer that all sockets of this thread share. Node's streams would
 * make a buffer and three turns of their machinery of each read, which costs an idle stream more than its parsing.
 */
import type { OnReadOpts } from 'node:net';

/** As libuv reads without it. */
const bufferBytes = 65_536;
let shared: Uint8Array | null = null;

export interface SourceReads {
  /** For net.connect and tls.connect. */
  readonly onread: OnReadOpts;
  /** From now on `take` gets the bytes, first those that have come. They are its own during the call only. */
  deliver(take: (bytes: Uint8Array) => void): void;
}

export function createSourceReads(): SourceReads {
  shared ??= new Uint8Array(bufferBytes);
  /** What came with the last step of the connection's making. */
  let early: Uint8Array[] = [];
  let take = (bytes: Uint8Array): void => {
    early.push(Uint8Array.from(bytes));
  };
  return {
    onread: {
      buffer: shared,
      callback(bytesRead, buffer) {
        take(buffer.subarray(0, bytesRead));
        return true;
      },
    },
    deliver(taker) {
      take = taker;
      for (const bytes of early) taker(bytes);
      early = [];
    },
  };
}
