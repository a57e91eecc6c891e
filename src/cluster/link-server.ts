/** Lets other nodes take the streams of this one: by key, and under the epoch that this node has for it. */
import { isSameSecret } from '../core/guard/same-secret.js';
import { SluiceError } from '../errors.js';
import type { LocalStreams } from '../supervisor/streams.js';
import type { ClusterSecrets, LinkServer } from './contract.js';
import type { HeldStreams } from './held-streams.js';

interface LinkServerOptions {
  readonly local: Pick<LocalStreams, 'addLink' | 'endLinks'>;
  readonly secrets: Pick<ClusterSecrets, 'linkToken'>;
  readonly held: Pick<HeldStreams, 'get' | 'epochOf'>;
}

export function createLinkServer({ local, secrets, held }: LinkServerOptions): LinkServer {
  return {
    async serve({ key, token, epoch }, give) {
      if (!isSameSecret(token, secrets.linkToken(key))) throw new SluiceError('link.denied');
      const one = held.get(key);
      const served = held.epochOf(key);
      if (one === undefined || served !== epoch) {
        throw new SluiceError('link.epoch', `it asks for ${epoch}, and this node serves ${served ?? 'none'}`);
      }
      await local.addLink(one.localId, epoch, give);
      // It waited, and came in behind those that were closed.
      if (held.epochOf(key) !== epoch) await local.endLinks(one.localId, held.epochOf(key));
    },
  };
}
