/** A DTLS handshake that is begun and never ended (docs/reliability.md S8). */

/** The first part of a message that says it has 16 kB, of which more never comes (RFC 6347 4.2.3). */
function beginning(sequence: number, type: number): Buffer {
  const body = Buffer.alloc(1200);
  const fragment = Buffer.alloc(12);
  fragment.writeUInt8(type, 0);
  fragment.writeUIntBE(16_384, 1, 3);
  fragment.writeUInt16BE(sequence, 4);
  fragment.writeUIntBE(body.length, 9, 3);
  const header = Buffer.from([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, sequence, 0, 0]);
  header.writeUInt16BE(fragment.length + body.length, 11);
  return Buffer.concat([header, fragment, body]);
}

/** Each message that a client sends in its handshake, begun: all that is kept of one for a peer. */
export const begunHandshake: readonly Buffer[] = [1, 1, 11, 16, 15].map((type, sequence) => beginning(sequence, type));
