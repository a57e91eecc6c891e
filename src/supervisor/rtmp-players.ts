/** RTMP players: connections that are given to the thread of the stream that they ask for. */
import { SluiceError } from '../errors.js';
import { nativeThreads } from '../threads/native/native-threads.js';
import type { PullTable } from './pull-table.js';
import type { Streams } from './streams.js';

interface RtmpPlayersOptions {
  readonly table: Pick<PullTable, 'find' | 'get'>;
  readonly whyUnavailable: Streams['whyUnavailable'];
}

export interface RtmpPlayers extends Pick<Streams, 'addPlayer'> {
  count(pullId: string): number;
}

export function createRtmpPlayers({ table, whyUnavailable }: RtmpPlayersOptions): RtmpPlayers {
  return {
    count: (pullId) => table.get(pullId)?.status.players ?? 0,
    async addPlayer(request, give) {
      const why = await whyUnavailable(request);
      if (why !== null) throw new SluiceError(why);
      const thread = table.find(request.name)?.thread;
      if (thread === null || thread === undefined) throw new SluiceError('stream.notLive');
      const held = await give();
      try {
        await thread.actor.addPlayer(held);
      } finally {
        nativeThreads()?.release(held);
      }
    },
  };
}
