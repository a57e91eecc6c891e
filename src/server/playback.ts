/**
 * What plays fragments: by WebSocket (mse-sockets.ts), and by HLS, both from the same streams; and packets, by WCS's SDK
 * (wcs-media.ts).
 */
import type { Settings } from '../config/schema.js';
import { createQuota, type Quota } from '../core/guard/quota.js';
import type { ErrorCode } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Streams } from '../supervisor/streams.js';
import { createFragmentStreams } from './fragment-streams.js';
import { createHls, type Hls } from './hls.js';
import { createMediaBacklog, type MediaBacklog } from './media-backlog.js';
import type { MseServing } from './mse-sockets.js';
import { createPacketStreams, type PacketStreams } from './packet-streams.js';
import type { PlaybackGate } from './playback-gate.js';

interface PlaybackOptions {
  readonly streams: Pick<
    Streams,
    'find' | 'watchFragments' | 'watchPackets' | 'recordedSoFar' | 'viewFragments' | 'leave'
  >;
  readonly settings: Pick<Settings, 'media' | 'fragments' | 'viewers'>;
  readonly gate: PlaybackGate;
  readonly log: Logger;
  readonly isDraining: () => boolean;
  /** False: viewers are let in by WCS signalling alone. */
  readonly allowsPlayers: boolean;
}

export interface Playback {
  readonly mse: Omit<MseServing, 'readClient' | 'failed'>;
  readonly packets: PacketStreams;
  readonly backlog: MediaBacklog;
  readonly hls: Hls['handle'];
  close(): void;
}

const mebi = 1_048_576;
/** Players ask for a playlist once in a target duration. */
const hlsLingerMs = 20_000;

/** Limits may be others after the configuration has been read again. */
const playersQuota = ({ viewers }: Pick<Settings, 'viewers'>): Quota =>
  createQuota({
    get max() {
      return viewers.max;
    },
    get maxPerClient() {
      return viewers.maxPerIp;
    },
  });

export function createPlayback(options: PlaybackOptions): Playback {
  const { streams, settings, gate, log, isDraining, allowsPlayers } = options;
  const { lingerMs, messageMs, partMs, segmentMs, windowMs, windowMb } = settings.fragments;
  const { gopCacheBytes: maxGopBytes } = settings.media;
  const live = createFragmentStreams({ streams, maxGopBytes, lingerMs });
  const packets = createPacketStreams({ streams, maxGopBytes, lingerMs });
  const refusal = (): ErrorCode | null => {
    if (isDraining()) return 'server.draining';
    return allowsPlayers ? null : 'viewer.hooksOnly';
  };
  const limits = { partMs, segmentMs, windowMs, maxBytes: windowMb * mebi };
  const hls = createHls({ live, streams, gate, limits, lingerMs: Math.max(lingerMs, hlsLingerMs), refusal });
  const backlog = createMediaBacklog(log);
  return {
    mse: { messageMs, live, streams, gate, backlog, quota: playersQuota(settings), refusal },
    packets,
    backlog,
    hls: hls.handle,
    close() {
      hls.close();
      live.close();
      packets.close();
      backlog.close();
    },
  };
}
