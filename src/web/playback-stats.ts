/** Statistics of the playback, from the difference of two reports of getStats. */

interface Reading {
  readonly timeMs: number;
  readonly bytes: number;
  readonly received: number;
  readonly lost: number;
  readonly frames: number;
}

export interface PlaybackStats {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Video and audio together, RTP payload. */
  readonly bitrateKbps: number;
  /** Since the last report, 0 to 1. */
  readonly lossFraction: number;
  /** Of the video; of the audio where there is no video. */
  readonly jitterMs: number;
  readonly codecs: readonly string[];
}

/** Null for the first report of a connection, which has none before it. */
export function createStatsReader(): (connection: RTCPeerConnection) => Promise<PlaybackStats | null> {
  let last: Reading | null = null;
  let lastConnection: RTCPeerConnection | null = null;
  return async (connection) => {
    const { streams, codecs } = await readInbound(connection);
    const before = lastConnection === connection ? last : null;
    const now = total(streams);
    last = now;
    lastConnection = connection;
    const video = streams.find(({ kind }) => kind === 'video');
    if (before === null || now.timeMs <= before.timeMs) return null;
    const seconds = (now.timeMs - before.timeMs) / 1000;
    const packets = now.received - before.received + Math.max(0, now.lost - before.lost);
    return {
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      framesPerSecond: (now.frames - before.frames) / seconds,
      bitrateKbps: ((now.bytes - before.bytes) * 8) / 1000 / seconds,
      lossFraction: packets > 0 ? Math.max(0, now.lost - before.lost) / packets : 0,
      jitterMs: ((video ?? streams[0])?.jitter ?? 0) * 1000,
      codecs,
    };
  };
}

function total(streams: readonly RTCInboundRtpStreamStats[]): Reading {
  const sum = (value: (stream: RTCInboundRtpStreamStats) => number | undefined): number =>
    streams.reduce((before, stream) => before + (value(stream) ?? 0), 0);
  return {
    timeMs: streams[0]?.timestamp ?? 0,
    bytes: sum((stream) => stream.bytesReceived),
    received: sum((stream) => stream.packetsReceived),
    lost: sum((stream) => stream.packetsLost),
    frames: sum((stream) => stream.framesDecoded),
  };
}

async function readInbound(connection: RTCPeerConnection) {
  const streams: RTCInboundRtpStreamStats[] = [];
  const codecs: string[] = [];
  const report = await connection.getStats();
  report.forEach((entry: RTCInboundRtpStreamStats) => {
    if (entry.type === 'inbound-rtp' && (entry.packetsReceived ?? 0) > 0) streams.push(entry);
  });
  streams.sort((a, b) => b.kind.localeCompare(a.kind));
  for (const { codecId } of streams) {
    const codec: unknown = codecId === undefined ? undefined : report.get(codecId);
    if (typeof codec === 'object' && codec !== null && 'mimeType' in codec) {
      codecs.push(String(codec.mimeType).replace(/^\w+\//, ''));
    }
  }
  return { streams, codecs };
}
