/** What strangers send to a media port. */
import { randomBytes } from 'node:crypto';
import { answerOf, offerOf, type WhepAnswer } from '../../support/load/whep-offer.js';
import { askAt } from '../../support/server/asking.js';
import { bindingRequest, iceCredentials, makeCertificate } from '../../support/viewer/media-client.js';

const certificate = await makeCertificate();

/** An offer that is answered and never used; fails where it is not answered. */
export async function unfinishedOffer(endpoint: string, localAddress?: string): Promise<WhepAnswer> {
  const { origin, pathname } = new URL(endpoint);
  const http = askAt(origin, localAddress);
  const { status, body } = await http.post(pathname, 'application/sdp', offerOf(certificate).sdp);
  http.close();
  if (status !== 201) throw new Error(`WHEP answered ${status}: ${body.slice(0, 200)}`);
  return answerOf(body);
}

/** 67 bytes, null cipher: the shape that ended sessions of an unguarded werift (docs/reliability.md 3). */
const clientHello = Buffer.alloc(67);
clientHello.set([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 54, 1, 0, 0, 42]);
clientHello.set([0, 0, 42], 22);

export const kinds = [
  'wrong password',
  'unknown name',
  'no integrity',
  'ClientHello',
  'alert',
  'like SRTCP',
  'garbage',
] as const;
export type Kind = (typeof kinds)[number];

/** `iceUfrag`: of a viewer that is known to the port. */
export function hostile(kind: Kind, { iceUfrag }: Pick<WhepAnswer, 'iceUfrag'>): Buffer {
  const known = { ...iceCredentials(), localUfrag: iceUfrag };
  switch (kind) {
    case 'wrong password':
      return bindingRequest(known, { password: 'guessed' });
    case 'unknown name':
      return bindingRequest(iceCredentials());
    case 'no integrity': {
      // A header alone: its length field says so (RFC 8489 5).
      const header = Buffer.from(bindingRequest(known).subarray(0, 20));
      header.writeUInt16BE(0, 2);
      return header;
    }
    case 'ClientHello':
      return clientHello;
    case 'alert':
      return Buffer.from([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]);
    case 'like SRTCP':
      return Buffer.concat([Buffer.from([0x81, 201]), randomBytes(60)]);
    case 'garbage':
      return randomBytes(100);
  }
}
