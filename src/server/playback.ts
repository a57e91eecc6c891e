/**
 * What plays fragments: by WebSocket (mse-sockets.ts), and by HLS, both from the same streams; and packets, by WCS's SDK
 * (wcs-media.ts).
 */
import type { Settings } from '../config/schema.js';
import type { ErrorCode } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { createFragmentStreams, type FragmentStreams } from './fragment-streams.js';
import { createHls, type Hls } from './hls.js';
import { createPacketStreams, type PacketStreams } from './packet-streams.js';
import type { PlaybackGate } from './playback-gate.js';

interface PlaybackOptions {
  readonly streams: Pick<Streams, 'watchFragments' | 'watchPackets' | 'recordedSoFar'>;
  readonly settings: Pick<Settings, 'media' | 'fragments'>;
  readonly gate: PlaybackGate;
  readonly isDraining: () => boolean;
  /** False: viewers are let in by WCS signalling alone. */
  readonly allowsPlayers: boolean;
}

export interface Playback {
  readonly live: FragmentStreams;
  readonly packets: PacketStreams;
  readonly hls: Hls['handle'];
  /** Why no player is let in now; null: they are. */
  refusal(): ErrorCode | null;
  close(): void;
}

const mebi = 1_048_576;
/** Players ask for a playlist once in a target duration. */
const hlsLingerMs = 20_000;

export function createPlayback({ streams, settings, gate, isDraining, allowsPlayers }: PlaybackOptions): Playback {
  const { lingerMs, partMs, segmentMs, windowMs, windowMb } = settings.fragments;
  const { gopCacheBytes: maxGopBytes } = settings.media;
  const live = createFragmentStreams({ streams, maxGopBytes, lingerMs });
  const packets = createPacketStreams({ streams, maxGopBytes, lingerMs });
  const refusal = (): ErrorCode | null => {
    if (isDraining()) return 'server.draining';
    return allowsPlayers ? null : 'viewer.hooksOnly';
  };
  const limits = { partMs, segmentMs, windowMs, maxBytes: windowMb * mebi };
  const hls = createHls({ live, streams, gate, limits, lingerMs: Math.max(lingerMs, hlsLingerMs), refusal });
  return {
    live,
    packets,
    hls: hls.handle,
    refusal,
    close() {
      hls.close();
      live.close();
      packets.close();
    },
  };
}
