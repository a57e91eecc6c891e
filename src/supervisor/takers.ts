/** Who takes something of streams beside viewers by WebRTC: players of fragments and of RTMP, recordings, and who asks for stills. */
import { createFragmentWatches } from './fragment-watches.js';
import { createRecorded, type Recorded, type RecordedOptions } from './recorded.js';
import { createRtmpPlayers } from './rtmp-players.js';
import { createSnapshots } from './snapshots.js';
import type { Streams } from './streams.js';

interface TakersOptions extends RecordedOptions {
  readonly sessions: Pick<Streams, 'whyUnavailable'>;
}

export interface Takers extends Recorded, Pick<Streams, 'watchFragments' | 'snapshot' | 'addPlayer'> {}

/** `count`: how many of them keep a pull on demand. */
export function createTakers(options: TakersOptions): Takers {
  const watches = createFragmentWatches({
    registry: options.registry,
    whyUnavailable: options.sessions.whyUnavailable,
    idle: options.idle,
  });
  const players = createRtmpPlayers({
    registry: options.registry,
    whyUnavailable: options.sessions.whyUnavailable,
  });
  const recorded = createRecorded(options);
  return {
    ...recorded,
    ...createSnapshots(options.pool, options.registry),
    watchFragments: watches.watchFragments,
    addPlayer: players.addPlayer,
    count: (pullId) => watches.count(pullId) + players.count(pullId) + recorded.count(pullId),
  };
}
