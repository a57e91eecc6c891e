/**
 * Puts the records of a flight of a DTLS server into as few datagrams as they fit in (RFC 6347 4.1.1): werift sends each in one of
 * its own, five in place of one, and each takes a system call here and a read at the peer.
 */
import { contentType } from '../../src/core/dtls/record.js';

/** Fits the MTU of all common paths. */
const maxDatagramBytes = 1200;

/** Those that another one of their flight always follows (RFC 5246 7.3). */
const followedMessages: ReadonlySet<number> = new Set([
  2, // ServerHello
  11, // Certificate
  12, // ServerKeyExchange
  13, // CertificateRequest
]);
const headerBytes = 13;
const epochAt = 3;

function isFollowed(record: Uint8Array): boolean {
  if (record[0] === contentType.changeCipherSpec) return true;
  const isPlain = record[epochAt] === 0 && record[epochAt + 1] === 0;
  return record[0] === contentType.handshake && isPlain && followedMessages.has(record[headerBytes] ?? 0);
}

/** Gives what takes one record after the other. */
export function createFlightPacker(send: (datagram: Uint8Array) => void): (record: Uint8Array) => void {
  let waiting: Uint8Array[] = [];
  let bytes = 0;

  const flush = (): void => {
    const [first] = waiting;
    if (first !== undefined) send(waiting.length === 1 ? first : Buffer.concat(waiting));
    waiting = [];
    bytes = 0;
  };

  return (record) => {
    if (bytes + record.length > maxDatagramBytes) flush();
    waiting.push(record);
    bytes += record.length;
    if (!isFollowed(record)) flush();
  };
}
