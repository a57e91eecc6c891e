/** Who takes something of streams beside viewers by WebRTC: players of fragments, packets and RTMP, recordings, who asks for stills. */
import { createMediaWatches } from './media-watches.js';
import { createRecorded, type Recorded, type RecordedOptions } from './recorded.js';
import { createRtmpPlayers } from './rtmp-players.js';
import { createSnapshots } from './snapshots.js';
import type { Streams } from './streams.js';

interface TakersOptions extends RecordedOptions {
  readonly sessions: Pick<Streams, 'whyUnavailable'>;
}

export interface Takers extends Recorded, Pick<Streams, 'watchFragments' | 'watchPackets' | 'snapshot' | 'addPlayer'> {}

/** `count`: how many of them keep a pull on demand. */
export function createTakers(options: TakersOptions): Takers {
  const watches = createMediaWatches({
    table: options.table,
    whyUnavailable: options.sessions.whyUnavailable,
    idle: options.idle,
  });
  const players = createRtmpPlayers({
    table: options.table,
    whyUnavailable: options.sessions.whyUnavailable,
  });
  const recorded = createRecorded(options);
  return {
    ...recorded,
    ...createSnapshots(options.pool, options.table),
    watchFragments: watches.watchFragments,
    addPlayer: players.addPlayer,
    watchPackets: watches.watchPackets,
    count: (pullId) => watches.count(pullId) + players.count(pullId) + recorded.count(pullId),
  };
}
