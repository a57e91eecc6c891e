/** RTMP players, and nodes as such: connections that are given to the thread of the stream that they ask for. */
import { SluiceError } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { nativeThreads } from '../threads/native/native-threads.js';
import { pullNamed } from './newcomers.js';
import type { PullTable } from './pull-table.js';
import type { LocalStreams, Streams } from './streams.js';

interface RtmpPlayersOptions {
  readonly table: Pick<PullTable, 'find' | 'get'>;
  readonly whyUnavailable: Streams['whyUnavailable'];
  /** For a thread that a link waits for, ms. */
  readonly startTimeoutMs: number;
}

export interface RtmpPlayers extends Pick<LocalStreams, 'addPlayer' | 'addLink' | 'endLinks'> {
  count(pullId: string): number;
}

export function createRtmpPlayers({ table, whyUnavailable, startTimeoutMs }: RtmpPlayersOptions): RtmpPlayers {
  return {
    count: (pullId) => table.get(pullId)?.status.players ?? 0,
    async addPlayer(request, give) {
      const why = await whyUnavailable(request);
      if (why !== null) throw new SluiceError(why);
      await giveTo(pullNamed(table, request)?.thread, give, null);
    },
    async addLink(pullId, epoch, give) {
      const pull = table.get(pullId);
      const thread = await pull?.changes.until(() => {
        if (pull.status.isOver) throw new SluiceError('stream.notFound');
        return pull.thread ?? undefined;
      }, startTimeoutMs);
      await giveTo(thread, give, epoch);
    },
    async endLinks(pullId, epoch) {
      // With a thread that is gone its connections are.
      await table
        .get(pullId)
        ?.thread?.actor.endLinks(epoch)
        .catch(() => {});
    },
  };
}

async function giveTo(
  thread: ActorThread | null | undefined,
  give: () => Promise<number>,
  epoch: number | null,
): Promise<void> {
  if (thread === null || thread === undefined) throw new SluiceError('stream.notLive');
  const held = await give();
  try {
    await thread.actor.addPlayer(held, epoch);
  } finally {
    nativeThreads()?.release(held);
  }
}
