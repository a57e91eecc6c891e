/** What plays fragments: by WebSocket (mse-sockets.ts), and by HLS. Both take them from the same streams. */
import type { Settings } from '../config/schema.js';
import type { ErrorCode } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { createHls, type Hls } from './hls.js';
import { createLiveStreams, type LiveStreams } from './live-streams.js';

interface PlaybackOptions {
  readonly streams: Pick<Streams, 'watchFragments' | 'recordedSoFar'>;
  readonly settings: Pick<Settings, 'media' | 'fragments'>;
  readonly isDraining: () => boolean;
  /** False: viewers are let in by WCS signalling alone. */
  readonly allowsPlayers: boolean;
}

export interface Playback {
  readonly live: LiveStreams;
  readonly hls: Hls['handle'];
  /** Why no player is let in now; null: they are. */
  refusal(): ErrorCode | null;
  close(): void;
}

const mebi = 1_048_576;
/** Players ask for a playlist once in a target duration. */
const hlsLingerMs = 20_000;

export function createPlayback({ streams, settings, isDraining, allowsPlayers }: PlaybackOptions): Playback {
  const { lingerMs, partMs, segmentMs, windowMs, windowMb } = settings.fragments;
  const live = createLiveStreams({ streams, maxGopBytes: settings.media.gopCacheBytes, lingerMs });
  const refusal = (): ErrorCode | null => {
    if (isDraining()) return 'server.draining';
    return allowsPlayers ? null : 'viewer.hooksOnly';
  };
  const limits = { partMs, segmentMs, windowMs, maxBytes: windowMb * mebi };
  const hls = createHls({ live, streams, limits, lingerMs: Math.max(lingerMs, hlsLingerMs), refusal });
  return {
    live,
    hls: hls.handle,
    refusal,
    close() {
      hls.close();
      live.close();
    },
  };
}
