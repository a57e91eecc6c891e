/** The renditions of one stream: each is made once, for all who have viewers of it, and closed with the last of them. */

import { combine, type Estimates, followed } from '../../src/core/bandwidth/shared-estimate.js';
import { encodingKey } from '../../src/core/codec/video-encoding.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import { createRtpHistory, type RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { TranscodedFrame } from '../media/video-transcoder.js';
import type { RenditionStats } from '../stats.js';
import type { RenditionFeed, RenditionSpec } from './feed.js';

const maxPackets = 65_536;

/** A rendition, to one of those who have viewers of it. */
export interface RenditionUse {
  readonly history: PacketReader;
  /** What its viewers say that they can take; null: nobody says. */
  adapt(estimates: Estimates | null): void;
  close(): void;
}

/** `onAccessUnit`: a whole frame stands in the log. */
export type UseRendition = (spec: RenditionSpec, onAccessUnit: () => void) => RenditionUse;

/** A whole frame stands in the history. */
export type OnFrame = (frame: TranscodedFrame) => void;

export interface RenditionPool {
  use(spec: RenditionSpec, onFrame: OnFrame): RenditionUse & { readonly history: RtpHistory };
  readonly stats: readonly Omit<RenditionStats, 'viewers'>[];
  readonly histories: readonly RtpHistory[];
}

export interface RenditionPoolOptions {
  /** Limit of one rendition's packets. */
  readonly maxBytes: number;
  /** Begins to make a rendition, whose packets go to `history`. */
  readonly open: (spec: RenditionSpec, history: RtpHistory, onFrame: OnFrame) => RenditionFeed;
}

interface User {
  readonly onFrame: OnFrame;
  estimates: Estimates | null;
}

interface Made {
  readonly history: RtpHistory;
  readonly feed: RenditionFeed;
  readonly users: Set<User>;
}

export function createRenditionPool({ maxBytes, open }: RenditionPoolOptions): RenditionPool {
  const pool = new Map<string, Made>();

  const make = (spec: RenditionSpec): Made => {
    const history = createRtpHistory({ maxBytes, maxPackets });
    const users = new Set<User>();
    const feed = open(spec, history, (frame) => {
      for (const { onFrame } of users) onFrame(frame);
    });
    return { history, feed, users };
  };

  return {
    use(spec, onFrame) {
      const key = encodingKey({ kind: 'rendition', ...spec });
      const made = pool.get(key) ?? make(spec);
      pool.set(key, made);
      const { history, feed, users } = made;
      const user: User = { onFrame, estimates: null };
      users.add(user);
      return {
        history,
        adapt(estimates) {
          user.estimates = estimates;
          const all = combine([...users].flatMap((one) => one.estimates ?? []));
          feed.adapt(all === null ? null : followed(all, spec.isLowerStep === true));
        },
        close() {
          if (!users.delete(user) || users.size > 0) return;
          pool.delete(key);
          feed.close();
        },
      };
    },
    get histories() {
      return [...pool.values()].map(({ history }) => history);
    },
    get stats() {
      return [...pool].map(([encoding, { feed }]) => ({ encoding, ...feed.stats }));
    },
  };
}
