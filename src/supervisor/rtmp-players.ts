/** RTMP players, and nodes as such: connections that are given to the thread of the stream that they ask for. */
import { SluiceError } from '../errors.js';
import type { ActorThread } from '../threads/actor-thread.js';
import { nativeThreads } from '../threads/native/native-threads.js';
import { type JoinLimits, whenLive } from './join.js';
import type { PullTable } from './pull-table.js';
import type { LocalStreams, Streams } from './streams.js';

interface RtmpPlayersOptions {
  readonly table: Pick<PullTable, 'find' | 'get'>;
  readonly whyUnavailable: Streams['whyUnavailable'];
  /** For the media that a link waits for. */
  readonly limits: JoinLimits;
}

export interface RtmpPlayers extends Pick<LocalStreams, 'addPlayer' | 'addLink' | 'endLinks'> {
  count(pullId: string): number;
}

export function createRtmpPlayers({ table, whyUnavailable, limits }: RtmpPlayersOptions): RtmpPlayers {
  return {
    count: (pullId) => table.get(pullId)?.status.players ?? 0,
    async addPlayer(request, give) {
      const why = await whyUnavailable(request);
      if (why !== null) throw new SluiceError(why);
      await giveTo(table.find(request.name)?.thread, give, null);
    },
    async addLink(pullId, epoch, give) {
      const pull = table.get(pullId);
      if (pull === undefined) throw new SluiceError('stream.notFound');
      await whenLive(pull, limits);
      await giveTo(pull.thread, give, epoch);
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
