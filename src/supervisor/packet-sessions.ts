/** The sessions of viewers to whom the server sends packets: their stream's thread knows nothing of each of them. */
import type { MediaInfo } from '../core/codec/media-info.js';
import type { VideoWish } from '../core/codec/video-encoding.js';
import type { PlayedMedia } from '../core/sdp/played-media.js';
import { mseMedia } from '../core/wcs/mse-media.js';
import { SluiceError } from '../errors.js';
import type { IdleTimers } from './idle.js';
import { type JoinLimits, whenLive } from './join.js';
import { forViewer, type Newcomers } from './newcomers.js';
import type { Streams } from './streams.js';
import type { ViewerIndex } from './viewer-index.js';

interface PacketSessionsOptions {
  readonly newcomers: Pick<Newcomers, 'receive'>;
  readonly viewers: Pick<ViewerIndex, 'add' | 'joined' | 'sentPackets' | 'remove'>;
  readonly idle: Pick<IdleTimers, 'check'>;
  readonly limits: JoinLimits;
  readonly isClosing: () => boolean;
}

export function createPacketSessions({
  newcomers,
  viewers,
  idle,
  limits,
  isClosing,
}: PacketSessionsOptions): Pick<Streams, 'viewPackets'> {
  return {
    async viewPackets(request) {
      if (isClosing()) throw new SluiceError('server.draining');
      const { pull, viewerId, known, meet } = newcomers.receive(request);
      const { pullId } = pull.spec;
      let wish: VideoWish | null = null;
      const playedOf = (media: MediaInfo): PlayedMedia => mseMedia(media, wish);
      try {
        viewers.add({ ...known, mediaProvider: 'MSE', bytesSent: null, playedOf, onSettled: () => {} });
        idle.check(pullId);
        await whenLive(pull, limits);
        wish = meet();
        const media = viewers.joined(viewerId, pull.status.media);
        if (media === undefined) throw new SluiceError(isClosing() ? 'server.draining' : 'stream.notFound');
        return { viewerId, media, wish, connected: () => viewers.sentPackets(viewerId) };
      } catch (error) {
        viewers.remove(viewerId);
        idle.check(pullId);
        throw forViewer(pull, error);
      }
    },
  };
}
