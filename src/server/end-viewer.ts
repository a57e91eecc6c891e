import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';

/** Ends the session of a viewer whose token was revoked; one that is gone already is no error. */
export function endViewer(streams: Pick<Streams, 'terminateViewer'>, viewerId: string): void {
  try {
    streams.terminateViewer(viewerId);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
  }
}
