/** Viewers of one stream on one thread, and what they share: the media port, and the encodings. */
import type { SentTrack } from '../../src/core/codec/audio-encoding.js';
import { SluiceError } from '../../src/errors.js';
import type { JoinRequest } from '../contract.js';
import { sumDatagrams } from '../fanout/datagram-counts.js';
import type { DatagramCounts, ViewerStats } from '../stats.js';
import { type SentTotals, sumSent } from './departed.js';
import type { RenditionViewers } from './encodings.js';
import type { Viewer } from './viewer.js';
import type { Viewing, ViewingOptions } from './viewing.js';

/** Ports and encodings are kept so long after the last viewer: who reloads a page comes at once. */
const lingerMs = 5000;

export type LoadViewing = () => Promise<typeof import('./viewing.js')>;

export interface ViewersOptions extends ViewingOptions {
  readonly loadViewing: LoadViewing;
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
  const { departed } = options;
  const viewers = new Set<Viewer>();
  /** Opened with the first viewer, so that an idle stream has no sockets. */
  let viewing: Viewing | null = null;
  let opening: Promise<Viewing> | null = null;
  let closed = false;
  let joining = 0;
  let lingering: NodeJS.Timeout | undefined;
  let released: Promise<void> = Promise.resolve();

  const open = async (): Promise<Viewing> => {
    const { openViewing } = await options.loadViewing();
    viewing = await openViewing(options, (viewer) => {
      viewers.delete(viewer);
      departed.addSent(viewer.sent);
      linger();
    });
    return viewing;
  };

  const openOnce = async (): Promise<Viewing> => {
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
    if (viewing === null) return;
    const { encodings, endpoint } = viewing;
    viewing = null;
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
        const opened = await openOnce();
        if (closed) throw new SluiceError('stream.notLive');
        const viewer = opened.join(request);
        viewers.add(viewer);
        return viewer;
      } finally {
        joining -= 1;
        linger();
      }
    },
    published: (track) => viewing?.encodings.published(track),
    reconsider() {
      for (const viewer of [...viewers]) viewer.reconsider();
    },
    get renditions() {
      return viewing?.encodings.renditions ?? [];
    },
    get sent() {
      return sumSent([departed.sent, ...[...viewers].map(({ sent }) => sent)]);
    },
    get datagrams() {
      const live = viewing === null ? [] : [viewing.encodings.datagrams, viewing.endpoint.refused];
      return sumDatagrams([departed.datagrams, ...live]);
    },
    get fanout() {
      return viewing?.encodings.fanout ?? null;
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
