/** The sessions of viewers who play fragments, by WebSocket or HLS: their stream's thread knows nothing of each of them. */
import { fragmentMedia } from '../core/fragments/played-media.js';
import { SluiceError } from '../errors.js';
import type { IdleTimers } from './idle.js';
import type { Newcomers } from './newcomers.js';
import type { Streams } from './streams.js';
import type { ViewerIndex } from './viewer-index.js';

interface FragmentSessionsOptions {
  readonly newcomers: Pick<Newcomers, 'receive'>;
  readonly viewers: Pick<ViewerIndex, 'add' | 'joined' | 'sentPackets'>;
  readonly idle: Pick<IdleTimers, 'check'>;
  readonly isClosing: () => boolean;
}

export function createFragmentSessions({
  newcomers,
  viewers,
  idle,
  isClosing,
}: FragmentSessionsOptions): Pick<Streams, 'viewFragments'> {
  return {
    async viewFragments({ mediaProvider, bytesSent, ...request }) {
      if (isClosing()) throw new SluiceError('server.draining');
      const { pull, viewerId, known } = newcomers.receive({ ...request, onConnected: () => {} });
      if (pull.status.isOver) throw new SluiceError('stream.notFound');
      viewers.add({ ...known, mediaProvider, bytesSent, playedOf: fragmentMedia, onSettled: () => {} });
      viewers.joined(viewerId, pull.status.media);
      // Its stream was opened before: what there is of it is on its way.
      viewers.sentPackets(viewerId);
      idle.check(pull.spec.pullId);
      return viewerId;
    },
  };
}
