/**
 * The streams whose fragments are played from here, by WebSocket or HTTP: each is taken from its thread once, for all who play
 * it, and let go some time after the last one.
 */
import type { Fragment, InitSegment } from '../core/fragments/fragment.js';
import { createRecentFragments, type RecentFragments } from '../core/fragments/recent-fragments.js';
import type { ErrorCode } from '../errors.js';
import type { FragmentListener, FragmentWatch, Streams } from '../supervisor/streams.js';

export interface LiveStream {
  /** Names the stream among those that are open. */
  readonly id: number;
  readonly localName: string;
  readonly recent: Pick<RecentFragments, 'init' | 'fragments'>;
  /** What comes from now on, until `leave`. */
  join(player: LivePlayer): void;
  leave(player: LivePlayer): void;
}

export interface LivePlayer {
  onInit(init: InitSegment): void;
  onFragment(fragment: Fragment): void;
  /** Once, when the stream has ended. */
  onOver(reason: ErrorCode | null): void;
}

export interface LiveStreams {
  /** Opens the stream, or gives the one that is open. Errors: those of Streams.watchFragments. */
  open(request: { readonly name: string; readonly clientIp: string }): Promise<LiveStream>;
  close(): void;
}

interface LiveStreamsOptions {
  readonly streams: Pick<Streams, 'watchFragments'>;
  /** Of the newest GOP. */
  readonly maxGopBytes: number;
  /** How long a stream is kept that nobody plays any more. */
  readonly lingerMs: number;
}

interface Opened {
  readonly stream: Promise<LiveStream>;
  readonly end: () => void;
}

export function createLiveStreams({ streams, maxGopBytes, lingerMs }: LiveStreamsOptions): LiveStreams {
  const open = new Map<string, Opened>();
  let lastId = 0;

  const begin = (name: string, clientIp: string): Opened => {
    lastId += 1;
    const audience = createPlayers(lastId, createRecentFragments(maxGopBytes), lingerMs, () => {
      if (open.get(name) === opened) open.delete(name);
    });
    const watch = streams.watchFragments({ name, clientIp }, audience);
    watch.then(audience.opened, audience.end);
    const opened: Opened = {
      stream: watch.then(({ localName }) => audience.stream(localName)),
      end: audience.end,
    };
    return opened;
  };

  return {
    open({ name, clientIp }) {
      const known = open.get(name) ?? begin(name, clientIp);
      open.set(name, known);
      return known.stream;
    },
    close() {
      for (const { end } of [...open.values()]) end();
    },
  };
}

interface Players extends FragmentListener {
  readonly opened: (watch: FragmentWatch) => void;
  readonly end: () => void;
  stream(localName: string): LiveStream;
}

/** Who plays one stream. It ends some time after the last of them has left. */
function createPlayers(id: number, recent: RecentFragments, lingerMs: number, onEnd: () => void): Players {
  const players = new Set<LivePlayer>();
  let watch: FragmentWatch | null = null;
  let isEnded = false;
  let lingering: NodeJS.Timeout | undefined;

  const end = (): void => {
    isEnded = true;
    clearTimeout(lingering);
    watch?.close();
    onEnd();
  };
  const linger = (): void => {
    clearTimeout(lingering);
    if (players.size === 0 && !isEnded) lingering = setTimeout(end, lingerMs);
  };

  return {
    end,
    opened(opened) {
      watch = opened;
      if (isEnded) opened.close();
      else linger();
    },
    onMessage(message) {
      recent.add(message);
      for (const player of players) {
        if (message.kind === 'init') player.onInit(message);
        else player.onFragment(message);
      }
    },
    onOver(reason) {
      end();
      for (const player of [...players]) player.onOver(reason);
      players.clear();
    },
    stream: (localName) => ({
      id,
      localName,
      recent,
      join(player) {
        clearTimeout(lingering);
        if (isEnded) player.onOver(null);
        else players.add(player);
      },
      leave(player) {
        if (players.delete(player)) linger();
      },
    }),
  };
}
