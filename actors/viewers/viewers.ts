/** Viewers of one stream on one thread, and what they share: the media port, and the encodings. */
import type { SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorBoot, JoinRequest, ViewerEvent } from '../contract.js';
import { sumDatagrams } from '../fanout/datagram-counts.js';
import type { DatagramCounts, ViewerStats } from '../stats.js';
import { type SentTotals, sumSent } from './departed.js';
import type { EncodingsOptions, RenditionViewers } from './encodings.js';
import type { Viewer, ViewerContext } from './viewer.js';

/** Ports and encodings are kept so long after the last viewer: who reloads a page comes at once. */
const lingerMs = 5000;

export type LoadViewing = () => Promise<typeof import('./viewing.js')>;

export interface ViewersOptions
  extends Pick<
    EncodingsOptions,
    'histories' | 'nowMs' | 'wallMs' | 'rtpTimeAt' | 'openRendition' | 'sourceBps' | 'departed'
  > {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly media: () => MediaInfo;
  readonly loadViewing: LoadViewing;
  /** The thread has sockets at this port; 0: no more. */
  readonly onListening: (port: number) => void;
  readonly log: Logger;
  readonly post: (event: ViewerEvent) => void;
  /** False: browsers cannot play the source's own encoding of the video. */
  readonly isPlayable: () => boolean;
}

export interface Viewers {
  /** The media is known by now. Errors: offer.unacceptable, stream.notLive, viewer.limit (no port is free). */
  join(request: JoinRequest): Promise<Viewer>;
  published(track: SentTrack): void;
  /** The source has changed: each viewer gets the encoding that it needs now. */
  reconsider(): void;
  readonly renditions: readonly RenditionViewers[];
  /** To all viewers, those that left included. */
  readonly sent: SentTotals;
  readonly datagrams: DatagramCounts;
  /** What sends to them; null while nobody watches. */
  readonly fanout: 'js' | 'native' | null;
  readonly stats: readonly ViewerStats[];
  close(): Promise<void>;
}

export function createViewers(options: ViewersOptions): Viewers {
  const { boot, log, departed, nowMs } = options;
  const { settings } = boot;
  const viewers = new Set<Viewer>();
  /** Made with the first viewer, so that an idle stream has no sockets. */
  let context: ViewerContext | null = null;
  let opening: Promise<(request: JoinRequest) => Viewer> | null = null;
  let closed = false;
  let joining = 0;
  let lingering: NodeJS.Timeout | undefined;
  let released: Promise<void> = Promise.resolve();

  /** Gives what makes viewers. */
  const open = async (): Promise<(request: JoinRequest) => Viewer> => {
    const { createEncodings, createEndpoint, Viewer } = await options.loadViewing();
    const endpoint = await createEndpoint({
      webrtc: settings.webrtc,
      viewers: settings.viewers,
      certificate: boot.certificate,
      nowMs,
      log,
      onListening: options.onListening,
    });
    const encodings = createEncodings({
      histories: options.histories,
      nowMs,
      wallMs: options.wallMs,
      rtpTimeAt: options.rtpTimeAt,
      openRendition: options.openRendition,
      sourceBps: options.sourceBps,
      departed,
      log,
      fanout: settings.webrtc.fanout,
      media: settings.media,
      catchUp: settings.viewers.catchUp,
      hasRoom: () => endpoint.queuedBytes() < settings.webrtc.sendQueueBytes / 2,
    });
    const opened: ViewerContext = {
      boot,
      endpoint,
      encodings,
      media: options.media,
      streamVideo: () => ({
        info: options.media().video,
        isPlayable: options.isPlayable(),
        transcoding: settings.media.transcoding,
      }),
      log,
      post: options.post,
      onGone(viewer) {
        viewers.delete(viewer);
        departed.addSent(viewer.sent);
        linger();
      },
    };
    context = opened;
    return (request) => new Viewer(opened, request);
  };

  const openOnce = async (): Promise<(request: JoinRequest) => Viewer> => {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = null; // No free port now is no reason to refuse every later viewer.
      throw error;
    }
  };

  /** Sockets, timers and what the fan-out holds go after the last viewer. */
  const release = (): void => {
    if (context === null) return;
    const { encodings, endpoint } = context;
    context = null;
    opening = null;
    encodings.close();
    departed.addDatagrams(sumDatagrams([endpoint.refused]));
    released = endpoint.close();
  };
  const linger = (): void => {
    clearTimeout(lingering);
    if (closed || viewers.size + joining > 0) return;
    lingering = setTimeout(release, lingerMs);
  };

  return {
    async join(request) {
      joining += 1;
      try {
        const openViewer = await openOnce();
        if (closed) throw new SluiceError('stream.notLive');
        const viewer = openViewer(request);
        viewers.add(viewer);
        return viewer;
      } finally {
        joining -= 1;
        linger();
      }
    },
    published: (track) => context?.encodings.published(track),
    reconsider() {
      for (const viewer of [...viewers]) viewer.reconsider();
    },
    get renditions() {
      return context?.encodings.renditions ?? [];
    },
    get sent() {
      return sumSent([departed.sent, ...[...viewers].map(({ sent }) => sent)]);
    },
    get datagrams() {
      const live = context === null ? [] : [context.encodings.datagrams, context.endpoint.refused];
      return sumDatagrams([departed.datagrams, ...live]);
    },
    get fanout() {
      return context?.encodings.fanout ?? null;
    },
    get stats() {
      return [...viewers].map(({ stats }) => stats);
    },
    async close() {
      closed = true;
      for (const viewer of [...viewers]) viewer.leave();
      await opening?.catch(() => {});
      clearTimeout(lingering);
      release();
      await released;
    },
  };
}
