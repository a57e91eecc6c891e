/** Statistics of the playback, from the difference of two reports of getStats (webrtc-stats). */

interface Reading {
  readonly timeMs: number;
  readonly bytes: number;
  readonly received: number;
  readonly lost: number;
  readonly frames: number;
}

interface Figures {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Video and audio together, RTP payload. */
  readonly bitrateKbps: number;
  /** Since the last report, 0 to 1. */
  readonly lossFraction: number;
  /** Of the video; of the audio where there is no video. */
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  /** From the source's arrival at the server until it is shown; null where browser or server does not say. */
  readonly delayMs: number | null;
  readonly framesDropped: number;
  /** Pauses of the video that a viewer sees, and how long they were together. */
  readonly freezes: number;
  readonly frozenMs: number;
}

/** What the server is told (src/core/whep/playback-report.ts says what each means). */
interface Report extends Figures {
  readonly framesDecoded: number;
  readonly codec: string;
  readonly decoder: string;
  readonly protocol: string;
  readonly candidate: string;
}

export interface PlaybackStats extends Figures {
  readonly codecs: readonly string[];
  readonly report: Report;
}

type Inbound = RTCInboundRtpStreamStats & { readonly estimatedPlayoutTimestamp?: number };

interface Path {
  readonly roundTripMs: number | null;
  readonly protocol: string;
  readonly candidate: string;
}

/** From 1900, where NTP begins, to 1970. */
const ntpEpochMs = 2_208_988_800_000;

/**
 * Null for the first report of a connection, which has none before it. `serverNowMs`: the server's clock, UTC; null: not
 * known, and then there is no delay.
 */
export function createStatsReader(): (
  connection: RTCPeerConnection,
  serverNowMs?: number | null,
) => Promise<PlaybackStats | null> {
  let last: Reading | null = null;
  let lastConnection: RTCPeerConnection | null = null;
  return async (connection, serverNowMs = null) => {
    const { streams, codecs, path } = await readConnection(connection);
    const before = lastConnection === connection ? last : null;
    const now = total(streams);
    last = now;
    lastConnection = connection;
    const video = streams.find(({ kind }) => kind === 'video');
    if (before === null || now.timeMs <= before.timeMs) return null;
    const seconds = (now.timeMs - before.timeMs) / 1000;
    const newlyLost = Math.max(0, now.lost - before.lost);
    const packets = now.received - before.received + newlyLost;
    const shown = (video ?? streams[0])?.estimatedPlayoutTimestamp ?? 0;
    const rates = {
      framesPerSecond: (now.frames - before.frames) / seconds,
      bitrateKbps: Math.max(0, ((now.bytes - before.bytes) * 8) / 1000 / seconds),
      lossFraction: packets > 0 ? newlyLost / packets : 0,
    };
    const picture = {
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      jitterMs: ((video ?? streams[0])?.jitter ?? 0) * 1000,
      framesDropped: video?.framesDropped ?? 0,
      freezes: video?.freezeCount ?? 0,
      frozenMs: (video?.totalFreezesDuration ?? 0) * 1000,
      delayMs: serverNowMs === null || shown <= ntpEpochMs ? null : Math.max(0, serverNowMs - (shown - ntpEpochMs)),
    };
    const decoder = video?.decoderImplementation ?? '';
    const report = { ...rates, ...picture, ...path, framesDecoded: now.frames, codec: codecs.join(', '), decoder };
    return { ...rates, ...picture, roundTripMs: path.roundTripMs, codecs, report };
  };
}

/** Of audio and video so far. */
export async function receivedBytes(connection: RTCPeerConnection): Promise<number> {
  return total((await readConnection(connection)).streams).bytes;
}

function total(streams: readonly Inbound[]): Reading {
  const sum = (value: (stream: Inbound) => number | undefined): number =>
    streams.reduce((before, stream) => before + (value(stream) ?? 0), 0);
  return {
    timeMs: streams[0]?.timestamp ?? 0,
    bytes: sum((stream) => stream.bytesReceived),
    received: sum((stream) => stream.packetsReceived),
    lost: sum((stream) => stream.packetsLost),
    frames: sum((stream) => stream.framesDecoded),
  };
}

async function readConnection(connection: RTCPeerConnection) {
  const streams: Inbound[] = [];
  const codecs: string[] = [];
  const report = await connection.getStats();
  report.forEach((entry: Inbound) => {
    if (entry.type === 'inbound-rtp' && (entry.packetsReceived ?? 0) > 0) streams.push(entry);
  });
  streams.sort((a, b) => b.kind.localeCompare(a.kind));
  for (const { codecId } of streams) {
    const codec: unknown = codecId === undefined ? undefined : report.get(codecId);
    if (typeof codec === 'object' && codec !== null && 'mimeType' in codec) {
      codecs.push(String(codec.mimeType).replace(/^\w+\//, ''));
    }
  }
  return { streams, codecs, path: readPath(report) };
}

/** Of the pair of candidates that media comes by. */
function readPath(report: RTCStatsReport): Path {
  let path: Path = { roundTripMs: null, protocol: '', candidate: '' };
  report.forEach((entry: RTCIceCandidatePairStats) => {
    if (entry.type !== 'candidate-pair' || entry.state !== 'succeeded' || !entry.nominated) return;
    const local: unknown = report.get(entry.localCandidateId);
    const { currentRoundTripTime } = entry;
    path = {
      roundTripMs: currentRoundTripTime === undefined ? null : currentRoundTripTime * 1000,
      protocol: wordOf(local, 'protocol'),
      candidate: wordOf(local, 'candidateType'),
    };
  });
  return path;
}

function wordOf(entry: unknown, name: string): string {
  if (typeof entry !== 'object' || entry === null) return '';
  const value: unknown = Reflect.get(entry, name);
  return typeof value === 'string' ? value : '';
}
