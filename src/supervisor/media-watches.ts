/** Streams taken as fragments or packets, for players by WebSocket or HTTP. */
import type { MediaFeed } from '../../actors/contract.js';
import { SluiceError } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { listenToMedia } from '../threads/media-port.js';
import type { IdleTimers } from './idle.js';
import { keepFeed } from './media-feed.js';
import type { MediaListener, MediaWatch } from './media-watch.js';
import { pullNamed } from './newcomers.js';
import type { PullTable } from './pull-table.js';
import type { Streams } from './streams.js';
import type { PlayRequest } from './view.js';
import type { ViewerIndex } from './viewer-index.js';

interface WatchesOptions {
  readonly table: Pick<PullTable, 'find' | 'get'>;
  readonly whyUnavailable: Streams['whyUnavailable'];
  readonly idle: Pick<IdleTimers, 'check'>;
  readonly viewers: Pick<ViewerIndex, 'onNews'>;
}

export interface MediaWatches extends Pick<Streams, 'watchFragments' | 'watchPackets'> {
  count(pullId: string): number;
}

export function createMediaWatches({ table, whyUnavailable, idle, viewers }: WatchesOptions): MediaWatches {
  const counts = new Map<string, number>();
  const add = (pullId: string, by: 1 | -1): void => {
    const count = (counts.get(pullId) ?? 0) + by;
    if (count === 0) counts.delete(pullId);
    else counts.set(pullId, count);
    idle.check(pullId);
  };

  const watch = async <Message>(
    request: PlayRequest,
    open: (thread: ActorThread) => Promise<MediaFeed>,
    { onMessage, onNews, onOver }: MediaListener<Message>,
  ): Promise<MediaWatch> => {
    const why = await whyUnavailable(request);
    if (why !== null) throw new SluiceError(why);
    const pull = pullNamed(table, request);
    if (pull === undefined) throw new SluiceError('stream.notFound');
    const { pullId, localName } = pull.spec;
    let isOpen = true;
    const hearNoMore = onNews === undefined ? null : viewers.onNews(pullId, onNews);
    const end = (): void => {
      if (isOpen) add(pullId, -1);
      isOpen = false;
      hearNoMore?.();
    };
    add(pullId, 1);
    const feed = keepFeed({
      pull,
      open,
      attach: (port) => listenToMedia(port, onMessage),
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
  };

  return {
    count: (pullId) => counts.get(pullId) ?? 0,
    watchFragments: (request, listener) => watch(request, ({ actor }) => actor.fragments('playback'), listener),
    watchPackets: (request, listener) => watch(request, ({ actor }) => actor.packets(request.wish), listener),
  };
}
