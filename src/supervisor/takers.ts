/** Who takes something of streams beside viewers by WebRTC: players of fragments, packets and RTMP, recordings, who asks for stills. */
import type { Settings } from '../config/schema.js';
import { createMediaWatches } from './media-watches.js';
import { createRecorded, type Recorded, type RecordedOptions } from './recorded.js';
import { createRtmpPlayers } from './rtmp-players.js';
import { createSnapshots } from './snapshots.js';
import type { LocalStreams, Streams } from './streams.js';
import type { ViewerIndex } from './viewer-index.js';

interface TakersOptions extends Omit<RecordedOptions, 'settings'> {
  readonly settings: RecordedOptions['settings'] & Pick<Settings, 'viewers'>;
  readonly sessions: Pick<Streams, 'whyUnavailable'>;
  readonly viewers: Pick<ViewerIndex, 'onNews'>;
}

type Methods = 'watchFragments' | 'watchPackets' | 'snapshot' | 'addPlayer' | 'addLink' | 'endLinks';

export interface Takers extends Recorded, Pick<LocalStreams, Methods> {}

/** `count`: how many of them keep a pull on demand. */
export function createTakers(options: TakersOptions): Takers {
  const watches = createMediaWatches({
    table: options.table,
    whyUnavailable: options.sessions.whyUnavailable,
    idle: options.idle,
    viewers: options.viewers,
  });
  const players = createRtmpPlayers({
    table: options.table,
    whyUnavailable: options.sessions.whyUnavailable,
    startTimeoutMs: options.settings.viewers.startTimeoutMs,
  });
  const recorded = createRecorded(options);
  return {
    ...recorded,
    ...createSnapshots(options.pool, options.table),
    watchFragments: watches.watchFragments,
    addPlayer: players.addPlayer,
    addLink: players.addLink,
    endLinks: players.endLinks,
    watchPackets: watches.watchPackets,
    count: (pullId) => watches.count(pullId) + players.count(pullId) + recorded.count(pullId),
  };
}
