/** A viewer without a browser that plays by WCS signalling. */
import { chromiumOffer } from './offers.js';
import { joinStream, type StreamViewer } from './stream-viewer.js';
import { openWcsPlay } from './wcs-play.js';
import { offerOf } from './whep-viewer.js';

export interface WcsViewer extends StreamViewer {
  /** The statuses that it was told, in order. */
  readonly statuses: readonly string[];
  /** What REST has sent to all who play. */
  readonly events: readonly unknown[];
}

/** Fails with the info that it is told where its play fails. */
export async function joinWcs(signalling: string, name: string): Promise<WcsViewer> {
  const statuses: string[] = [];
  const events: unknown[] = [];
  const page = await openWcsPlay(
    signalling,
    ({ status }) => statuses.push(status),
    (payload) => events.push(payload),
  );
  try {
    const viewer = await joinStream((offer) => page.play(name, offerOf(chromiumOffer, offer)));
    return {
      ...viewer,
      statuses,
      events,
      close() {
        page.close();
        viewer.close();
      },
    };
  } catch (error) {
    page.close();
    throw error;
  }
}
