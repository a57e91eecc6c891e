/** Keeps fragments or packets of a pull flowing to one taker over all restarts of its thread. */
import type { MediaFeed } from '../../actors/contract.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import type { Pull } from './pull.js';

type Port = MediaFeed['port'];

export interface KeptFeed {
  close(): void;
}

interface FeedOptions<Thread extends Pick<ActorThread, 'abandoned'>> {
  readonly pull: Pick<Pull, 'changes'> & {
    readonly status: Pick<Pull['status'], 'isOver' | 'reason'>;
    readonly thread: Thread | null;
  };
  readonly open: (thread: Thread) => Promise<MediaFeed>;
  /** Takes what comes on the port; resolves when the port is closed. */
  readonly attach: (port: Port) => Promise<void>;
  /** No more will come: the pull is over, or the thread cannot give it. Not called after `close`. */
  readonly onOver: (reason: ErrorCode | null) => void;
}

/** Here, and now, whatever is tried again. */
const finalReasons: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['media.unavailable', 'media.transcodingDisabled']);
/** One wait for the thread; a new one follows. */
const waitMs = 3_600_000;
/** Before a thread is asked again that did not answer. */
const pauseMs = 500;

export function keepFeed<Thread extends Pick<ActorThread, 'abandoned'>>(options: FeedOptions<Thread>): KeptFeed {
  const { pull, open: openFeed, attach, onOver } = options;
  let isClosed = false;
  let open: Port | null = null;

  const threadOrEnd = (): Thread | 'over' | undefined =>
    isClosed || pull.status.isOver ? 'over' : (pull.thread ?? undefined);

  /** Why no more will come; undefined: the thread may be asked again. */
  const take = async (thread: Thread): Promise<ErrorCode | undefined> => {
    try {
      const { port } = await openFeed(thread);
      open = port;
      if (isClosed) port.close();
      else await Promise.race([attach(port), thread.abandoned]);
      return undefined;
    } catch (error) {
      if (error instanceof SluiceError && finalReasons.has(error.code)) return error.code;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      return undefined;
    } finally {
      // That of a thread that was abandoned is open still.
      open?.close();
      open = null;
    }
  };

  const run = async (): Promise<void> => {
    while (!isClosed) {
      const thread = await pull.changes.until(threadOrEnd, waitMs);
      if (thread === undefined) continue;
      const reason = thread === 'over' ? pull.status.reason : await take(thread);
      if (reason === undefined) continue;
      if (!isClosed) onOver(reason);
      return;
    }
  };
  void run();

  return {
    close() {
      isClosed = true;
      open?.close();
      pull.changes.notify();
    },
  };
}
