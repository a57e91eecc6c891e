/** Who plays fragments of a stream in place of RTP packets: by WebSocket, or HTTP. */
import { SluiceError } from '../errors.js';
import { listenToFragments } from '../threads/fragment-port.js';
import { keepFeed } from './fragment-feed.js';
import type { IdleTimers } from './idle.js';
import type { Registry } from './registry.js';
import type { Streams } from './streams.js';

interface WatchesOptions {
  readonly registry: Pick<Registry, 'find'>;
  readonly whyUnavailable: Streams['whyUnavailable'];
  readonly idle: Pick<IdleTimers, 'check'>;
}

export interface FragmentWatches extends Pick<Streams, 'watchFragments'> {
  count(pullId: string): number;
}

export function createFragmentWatches({ registry, whyUnavailable, idle }: WatchesOptions): FragmentWatches {
  const counts = new Map<string, number>();
  const add = (pullId: string, by: 1 | -1): void => {
    const count = (counts.get(pullId) ?? 0) + by;
    if (count === 0) counts.delete(pullId);
    else counts.set(pullId, count);
    idle.check(pullId);
  };

  return {
    count: (pullId) => counts.get(pullId) ?? 0,
    async watchFragments(request, { onMessage, onOver }) {
      const why = await whyUnavailable(request);
      if (why !== null) throw new SluiceError(why);
      const pull = registry.find(request.name);
      if (pull === undefined) throw new SluiceError('stream.notFound');
      const { pullId, localName } = pull.spec;
      let isOpen = true;
      const end = (): void => {
        if (isOpen) add(pullId, -1);
        isOpen = false;
      };
      add(pullId, 1);
      const feed = keepFeed({
        pull,
        attach: (port) => listenToFragments(port, onMessage),
        onOver(reason) {
          end();
          onOver(reason);
        },
      });
      return {
        pullId,
        localName,
        close() {
          end();
          feed.close();
        },
      };
    },
  };
}
