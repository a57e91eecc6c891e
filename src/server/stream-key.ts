/**
 * What is made of a stream for those who play it is made once, however they spell its address: of a host's name alone there are as
 * many spellings as a stranger likes.
 */
import { sourceKey } from '../core/source/address.js';
import { isSourceAddress } from '../core/source/schemes.js';
import type { Streams } from '../supervisor/streams.js';

/** Two names with the same key are of one stream. It may hold credentials. */
export function streamKey(streams: Pick<Streams, 'find'>, name: string): string {
  const pull = streams.find(name);
  if (pull !== undefined) return pull.pullId;
  try {
    return isSourceAddress(name) ? sourceKey(name) : name;
  } catch {
    return name;
  }
}
