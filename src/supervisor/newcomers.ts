/** Viewers that ask to play: which pull each means, and what is known of it whatever its transport. */
import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/schema.js';
import type { VideoWish } from '../core/codec/video-encoding.js';
import { clientKey } from '../core/guard/ip-address.js';
import { createRateLimit } from '../core/guard/rate.js';
import { maskUri } from '../core/rtmp/url.js';
import { SluiceError } from '../errors.js';
import { isOnDemand, type Pull } from './pull.js';
import { isPulledOnDemand, nameKeyOf } from './pull-request.js';
import { hasHadMedia } from './pull-status.js';
import type { Pulls } from './pulls.js';
import type { PlayRequest, ViewRequest } from './view.js';
import type { Viewer } from './viewer-index.js';
import { createWishes } from './wishes.js';

type Request = Omit<ViewRequest, 'offer'>;

interface NewcomersOptions {
  readonly settings: Pick<Settings, 'pulls' | 'media'>;
  readonly pulls: Pick<Pulls, 'table' | 'start'>;
  readonly nowMs: () => number;
}

export interface Newcomer {
  readonly pull: Pull;
  readonly viewerId: string;
  readonly known: Omit<Viewer, 'mediaProvider' | 'bytesSent' | 'playedOf' | 'onSettled'>;
  /** The part of its wish that is granted; null: none. */
  meet(): VideoWish | null;
}

export interface Newcomers {
  /** The pull that a viewer asks for by name or uri; started on demand when there is none of this uri. */
  pullFor(request: PlayRequest): Pull;
  receive(request: Request): Newcomer;
}

const viewerIdBytes = 16;
const ignore = (): void => {};

/** The pull that a request to play means. */
export const pullNamed = (
  table: Pick<Pulls['table'], 'find' | 'get'>,
  { name, pullId }: Pick<PlayRequest, 'name' | 'pullId'>,
): Pull | undefined => (pullId === undefined ? table.find(name) : table.get(pullId));

/** Events that the client does not listen to are ignored. */
function listenersOf(request: Request) {
  const { onConnected, onEnded, onSourceChanged = ignore, onAlerts = ignore, onMedia = ignore } = request;
  const { onVideoRate, onEvent = ignore, onData = ignore, onLowered = ignore } = request;
  return { onConnected, onEnded, onSourceChanged, onAlerts, onMedia, onVideoRate, onEvent, onData, onLowered };
}

/**
 * Why an address named by a viewer does not play is for the log only: whoever could tell a closed port from a silent one, or a private
 * address from an unknown name, could explore networks through this server.
 */
export function forViewer(pull: Pull, error: unknown): unknown {
  const isReason = error instanceof SluiceError && error.code.startsWith('source.');
  return isReason && isOnDemand(pull) && !hasHadMedia(pull.status) ? new SluiceError('source.unavailable') : error;
}

export function createNewcomers({ settings, pulls, nowMs }: NewcomersOptions): Newcomers {
  const { table } = pulls;
  const { viewerPullsPerMinute } = settings.pulls;
  const onDemand = createRateLimit({ perMinute: viewerPullsPerMinute });
  const wishes = createWishes(settings.media);

  const pullFor: Newcomers['pullFor'] = (request) => {
    const { name, pullId, clientIp } = request;
    const known = pullNamed(table, request);
    const isGone = known === undefined || known.status.state === 'STOPPED';
    const mayStartAgain = known !== undefined && isOnDemand(known) && known.status.isOver;
    if (known !== undefined && !isGone && !mayStartAgain) return known;
    if (pullId !== undefined || !isPulledOnDemand(name)) throw new SluiceError('stream.notFound');
    const client = clientKey(clientIp);
    if (!onDemand.take(client, nowMs())) {
      throw new SluiceError('request.tooMany', `pulls.viewerPullsPerMinute is ${viewerPullsPerMinute}`);
    }
    return pulls.start({ uri: name, record: false, hasAudio: true, hasVideo: true, origin: 'viewer' }, client);
  };

  return {
    pullFor,
    receive(request) {
      const pull = pullFor(request);
      const viewerId = randomBytes(viewerIdBytes).toString('hex');
      const { name, clientIp, wish = null, signalled = null, userAgent = '' } = request;
      const { pullId } = pull.spec;
      return {
        pull,
        viewerId,
        known: {
          viewerId,
          pullId,
          name: maskUri(name),
          nameKey: nameKeyOf(name),
          signalled,
          wish,
          createdAtMs: Date.now(),
          clientIp,
          userAgent,
          onGone: () => wishes.forget(viewerId),
          ...listenersOf(request),
        },
        meet: () =>
          wish === null ? null : wishes.place({ viewerId, pullId, clientIp }, wish, pull.status.media.video),
      };
    },
  };
}
