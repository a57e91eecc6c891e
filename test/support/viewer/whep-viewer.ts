/** A viewer without a browser that joins by WHEP, as the running server offers it. */
import type { Offer } from '../../../src/core/sdp/offer.js';
import { chromiumOffer } from './offers.js';
import { joinStream, type StreamViewer, type StreamViewerOptions } from './stream-viewer.js';

export interface WhepViewer extends StreamViewer {
  /** DELETEs its session; the server then knows at once that it is gone. */
  leave(): Promise<void>;
}

/** The offer with the names and the fingerprint of this one. */
export const offerOf = (sdp: string, { iceUfrag, fingerprint }: Pick<Offer, 'iceUfrag' | 'fingerprint'>): string =>
  sdp
    .replace(/^(a=ice-ufrag:).*$/gm, `$1${iceUfrag}`)
    .replace(/^(a=fingerprint:sha-256 ).*$/gm, `$1${fingerprint.value}`)
    .replace(/\r?\n/g, '\r\n');

/** Fails with what the server says where it does not answer 201. */
export async function joinWhep(endpoint: string, options?: StreamViewerOptions): Promise<WhepViewer> {
  let session = endpoint;
  const viewer = await joinStream(async (named) => {
    const offer = offerOf(options?.offerSdp ?? chromiumOffer, named);
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: offer,
    });
    const body = await answer.text();
    if (answer.status !== 201) throw new Error(`WHEP answered ${answer.status}: ${body}`);
    session = new URL(answer.headers.get('Location') ?? '', answer.url).href;
    return body;
  }, options);
  return {
    ...viewer,
    async leave() {
      const { status } = await fetch(session, { method: 'DELETE' });
      if (status !== 200) throw new Error(`DELETE answered ${status}`);
      viewer.close();
    },
  };
}
