import { type MediaRelay, openMediaRelay } from './media-relay.js';

/** Loses every `nth` packet of media on its way to the viewer. */
export function openLossyRelay(address: string, mediaPort: number, nth: number): Promise<MediaRelay> {
  let media = 0;
  return openMediaRelay(address, mediaPort, (_datagram, send) => {
    media += 1;
    if (media % nth !== 0) send();
  });
}
