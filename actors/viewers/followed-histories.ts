/** The RTP histories that the actor writes, as a further thread reads them: in shared memory, notified by messages. */
import { createPacketView, type PacketView } from '../../src/core/rtp/packet-view.js';
import type { UseRendition } from '../rendition/pool.js';
import type { FromShard, HistoryName, ToShard } from './shard-contract.js';

interface FollowedHistory {
  readonly view: PacketView;
  readonly onPublished: () => void;
}

export interface FollowedHistories {
  follow(name: HistoryName, onPublished: () => void): PacketView;
  /** Has the actor make a rendition for this thread. */
  readonly openRendition: UseRendition;
  attach(message: ToShard & { readonly kind: 'memory' }): void;
  published(name: HistoryName): void;
}

export function createFollowedHistories(post: (message: FromShard) => void): FollowedHistories {
  const followed = new Map<HistoryName, FollowedHistory>();
  let renditions = 0;

  const follow = (name: HistoryName, onPublished: () => void): PacketView => {
    const view = createPacketView();
    followed.set(name, { view, onPublished });
    return view;
  };

  return {
    follow,
    openRendition(spec, onAccessUnit) {
      renditions += 1;
      const history = `rendition ${renditions}`;
      let last = '';
      const view = follow(history, onAccessUnit);
      post({ kind: 'rendition.open', history, spec });
      return {
        history: view,
        adapt(estimates) {
          const now = JSON.stringify(estimates);
          if (now === last) return;
          last = now;
          post({ kind: 'rendition.adapt', history, estimates });
        },
        close() {
          followed.delete(history);
          post({ kind: 'rendition.close', history });
        },
      };
    },
    attach: ({ history, memory, first }) => followed.get(history)?.view.attach(memory, first),
    published(name) {
      const history = followed.get(name);
      if (history?.view.refresh() === true) history.onPublished();
    },
  };
}
