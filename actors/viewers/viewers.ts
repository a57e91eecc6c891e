/** Viewers of one stream on one thread, and what they share: the media port, and the encodings. */
import type { SentTrack } from '../../src/core/codec/audio-encoding.js';
import { SluiceError } from '../../src/errors.js';
import type { JoinRequest } from '../contract.js';
import { sumDatagrams } from '../fanout/datagram-counts.js';
import type { HandOver, HeldPort } from '../session-record.js';
import type { DatagramCounts, ViewerStats } from '../stats.js';
import type { RenditionViewers } from './encodings.js';
import { type SentTotals, sumSent } from './sent-totals.js';
import type { Viewer } from './viewer.js';
import type { Viewing, ViewingOptions } from './viewing.js';

/** Ports and encodings are kept so long after the last viewer: who reloads a page comes at once. */
const lingerMs = 5000;
/** Those who play here already wait no longer than this for those of another thread. */
const sliceMs = 5;

export type LoadViewing = () => Promise<typeof import('./viewing.js')>;

export interface ViewersOptions extends ViewingOptions {
  readonly loadViewing: LoadViewing;
}

export interface Viewers {
  /** The media is known by now. Errors: offer.unacceptable, stream.notLive, viewer.limit (no port is free). */
  join(request: JoinRequest): Promise<Viewer>;
  /**
   * Goes on with the viewers of a thread that is gone, at its port; before anybody has joined. Each is sent nothing until its
   * `deliver`, which may be called from `onResumed` on. `sameHistories`: that thread read the histories of this one. Errors:
   * viewer.limit when the port is not available.
   */
  resume(handOver: HandOver, sameHistories: boolean, onResumed: (viewer: Viewer) => void): Promise<void>;
  /** Lets go of all silently: another thread goes on with them. */
  abandon(): Promise<void>;
  /** It has a port, or is about to. */
  readonly isOpen: boolean;
  published(track: SentTrack): void;
  /** The source has changed: each viewer gets the encoding that it needs now. */
  reconsider(): void;
  readonly renditions: readonly RenditionViewers[];
  /** To all viewers, those that left included. */
  readonly sent: SentTotals;
  readonly datagrams: DatagramCounts;
  /** What sending and receiving hold beside V8's memory. */
  readonly heldBytes: number;
  /** What sends to them; null while nobody watches. */
  readonly fanout: 'js' | 'native' | null;
  readonly stats: readonly ViewerStats[];
  close(): Promise<void>;
}

export function createViewers(options: ViewersOptions): Viewers {
  const { departed, nowMs } = options;
  const viewers = new Set<Viewer>();
  /** Opened with the first viewer, so that an idle stream has no sockets. */
  let viewing: Viewing | null = null;
  let opening: Promise<Viewing> | null = null;
  let closed = false;
  let joining = 0;
  let lingering: NodeJS.Timeout | undefined;
  let released: Promise<void> = Promise.resolve();

  const open = async (inherited: HeldPort | null): Promise<Viewing> => {
    const { openViewing } = await options.loadViewing();
    viewing = await openViewing(options, inherited, (viewer) => {
      viewers.delete(viewer);
      departed.addSent(viewer.sent);
      linger();
    });
    return viewing;
  };

  const openOnce = async (inherited: HeldPort | null): Promise<Viewing> => {
    opening ??= open(inherited);
    try {
      return await opening;
    } catch (error) {
      opening = null; // No free port now is no reason to refuse every later viewer.
      throw error;
    }
  };

  /** Sockets, timers and what the fan-out holds go after the last viewer. */
  const release = (how: 'close' | 'abandon' = 'close'): void => {
    if (viewing === null) return;
    const { encodings, endpoint } = viewing;
    viewing = null;
    opening = null;
    encodings.close();
    departed.addDatagrams(sumDatagrams([endpoint.refused]));
    released = endpoint[how]();
  };
  const linger = (): void => {
    clearTimeout(lingering);
    if (closed || viewers.size + joining > 0) return;
    lingering = setTimeout(() => release(), lingerMs);
  };

  const whileOpen = async <T>(inherited: HeldPort | null, work: (opened: Viewing) => Promise<T>): Promise<T> => {
    joining += 1;
    try {
      return await work(await openOnce(inherited));
    } finally {
      joining -= 1;
      linger();
    }
  };

  return {
    join: (request) =>
      whileOpen(null, async (opened) => {
        await opened.endpoint.newcomer();
        if (closed) throw new SluiceError('stream.notLive');
        const viewer = opened.join(request);
        viewers.add(viewer);
        return viewer;
      }),
    resume: ({ port, sessions }, sameHistories, onResumed) =>
      whileOpen(port, (opened) =>
        inSlices(sessions, nowMs, (record) => {
          // Another thread goes on with the rest, or the stream ends.
          if (closed) return;
          const viewer = opened.resume(record, sameHistories);
          viewers.add(viewer);
          onResumed(viewer);
        }),
      ),
    async abandon() {
      closed = true;
      for (const viewer of [...viewers]) viewer.abandon();
      await opening?.catch(() => {});
      clearTimeout(lingering);
      release('abandon');
      await released;
    },
    get isOpen() {
      return opening !== null;
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
    get heldBytes() {
      return viewing === null ? 0 : viewing.encodings.heldBytes + viewing.endpoint.heldBytes;
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

async function inSlices<T>(all: readonly T[], nowMs: () => number, step: (one: T) => void): Promise<void> {
  let endMs = nowMs() + sliceMs;
  for (const one of all) {
    if (nowMs() >= endMs) {
      await new Promise(setImmediate);
      endMs = nowMs() + sliceMs;
    }
    step(one);
  }
}
