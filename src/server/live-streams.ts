/**
 * The streams whose media is played from here, as fragments or as packets, by WebSocket or HTTP: each is taken from its thread
 * once, for all who play it, and let go some time after the last one.
 */
import type { ErrorCode } from '../errors.js';
import type { MediaListener, MediaWatch, SourceNews } from '../supervisor/media-watch.js';
import type { ViewRequest } from '../supervisor/view.js';

/** What new players are sent first. */
interface Recent<Message> {
  add(message: Message): void;
}

export interface LiveStream<Message, Kept> {
  /** Names the stream among those that are open. */
  readonly id: number;
  readonly pullId: string;
  readonly localName: string;
  readonly recent: Omit<Kept, 'add'>;
  /** Why its source is away; null: it is there. */
  readonly lost: ErrorCode | null;
  /** What is wrong with it now, as viewers are told. */
  readonly alerts: SourceNews & { readonly kind: 'alerts' };
  /** What comes from now on, until `leave`. */
  join(player: LivePlayer<Message>): void;
  leave(player: LivePlayer<Message>): void;
}

export interface LivePlayer<Message> {
  onMessage(message: Message): void;
  onNews?(news: SourceNews): void;
  /** Once, when the stream has ended. */
  onOver(reason: ErrorCode | null): void;
}

export interface LiveStreams<Request, Message, Kept> {
  /** Opens the stream, or gives the one that is open. Errors: those of `watch`. */
  open(request: Request): Promise<LiveStream<Message, Kept>>;
  close(): void;
}

interface LiveStreamsOptions<Request, Message, Kept> {
  /** Takes it from its thread. */
  readonly watch: (request: Request, listener: MediaListener<Message>) => Promise<MediaWatch>;
  /** Those who ask for the same share it. */
  readonly keyOf: (request: Request) => string;
  readonly createRecent: () => Kept;
  /** How long a stream is kept that nobody plays any more. */
  readonly lingerMs: number;
}

interface Opened<Message, Kept> {
  readonly stream: Promise<LiveStream<Message, Kept>>;
  readonly end: () => void;
}

export function createLiveStreams<
  Request extends Pick<ViewRequest, 'name' | 'clientIp'>,
  Message,
  Kept extends Recent<Message>,
>({
  watch,
  keyOf,
  createRecent,
  lingerMs,
}: LiveStreamsOptions<Request, Message, Kept>): LiveStreams<Request, Message, Kept> {
  const open = new Map<string, Opened<Message, Kept>>();
  let lastId = 0;

  const begin = (key: string, request: Request): Opened<Message, Kept> => {
    lastId += 1;
    const audience = createPlayers<Message, Kept>(lastId, createRecent(), lingerMs, () => {
      if (open.get(key) === opened) open.delete(key);
    });
    const watched = watch(request, audience);
    watched.then(audience.opened, audience.end);
    const opened: Opened<Message, Kept> = {
      stream: watched.then(audience.stream),
      end: audience.end,
    };
    return opened;
  };

  return {
    open(request) {
      const key = keyOf(request);
      const known = open.get(key) ?? begin(key, request);
      open.set(key, known);
      return known.stream;
    },
    close() {
      for (const { end } of [...open.values()]) end();
    },
  };
}

interface Players<Message, Kept> extends MediaListener<Message> {
  readonly opened: (watch: MediaWatch) => void;
  readonly end: () => void;
  readonly stream: (of: Pick<MediaWatch, 'pullId' | 'localName'>) => LiveStream<Message, Kept>;
}

/** Who plays one stream. It ends some time after the last of them has left. */
function createPlayers<Message, Kept extends Recent<Message>>(
  id: number,
  recent: Kept,
  lingerMs: number,
  onEnd: () => void,
): Players<Message, Kept> {
  const players = new Set<LivePlayer<Message>>();
  let watch: MediaWatch | null = null;
  let isEnded = false;
  let lingering: NodeJS.Timeout | undefined;
  let lost: ErrorCode | null = null;
  let alerts: LiveStream<Message, Kept>['alerts'] = { kind: 'alerts', alerts: [] };

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
      for (const player of players) player.onMessage(message);
    },
    onNews(news) {
      if (news.kind === 'source') lost = news.lost;
      if (news.kind === 'alerts') alerts = news;
      for (const player of players) player.onNews?.(news);
    },
    onOver(reason) {
      end();
      for (const player of [...players]) player.onOver(reason);
      players.clear();
    },
    stream: ({ pullId, localName }) => ({
      id,
      pullId,
      localName,
      recent,
      get lost() {
        return lost;
      },
      get alerts() {
        return alerts;
      },
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
