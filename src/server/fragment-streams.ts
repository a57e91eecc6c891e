/** The streams that are played as fragments. */
import type { FragmentMessage } from '../core/fragments/fragment.js';
import { createRecentFragments, type RecentFragments } from '../core/fragments/recent-fragments.js';
import type { Streams } from '../supervisor/streams.js';
import type { ViewRequest } from '../supervisor/view.js';
import { createLiveStreams, type LivePlayer, type LiveStream, type LiveStreams } from './live-streams.js';
import { streamKey } from './stream-key.js';

type Request = Pick<ViewRequest, 'name' | 'clientIp'>;

export type FragmentPlayer = LivePlayer<FragmentMessage>;
export type FragmentStream = LiveStream<FragmentMessage, RecentFragments>;
export type FragmentStreams = LiveStreams<Request, FragmentMessage, RecentFragments>;

interface FragmentStreamsOptions {
  readonly streams: Pick<Streams, 'watchFragments' | 'find'>;
  /** Of the newest GOP. */
  readonly maxGopBytes: number;
  readonly lingerMs: number;
}

export const createFragmentStreams = ({ streams, maxGopBytes, lingerMs }: FragmentStreamsOptions): FragmentStreams =>
  createLiveStreams<Request, FragmentMessage, RecentFragments>({
    watch: (request, listener) => streams.watchFragments(request, listener),
    keyOf: ({ name }) => streamKey(streams, name),
    createRecent: () => createRecentFragments(maxGopBytes),
    lingerMs,
  });
