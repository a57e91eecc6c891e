/** An RTMP source that misbehaves on request: its messages in the order of their arrival. */
import type { SourceTrack } from '../../../../src/core/timeline/stamp-fit.js';

export type Disturbance = { readonly atMs: number } & (
  | { readonly kind: 'jump'; readonly byMs: number }
  /** The clock stands still; then it goes on from there, or is where it would have been. */
  | { readonly kind: 'stuck'; readonly forMs: number; readonly resumes: 'there' | 'onTime' }
  /** One message of a track has a stamp of its own. */
  | { readonly kind: 'falseStamp'; readonly track: SourceTrack; readonly stampMs: number }
  /** The network holds everything back, then delivers it at once. */
  | { readonly kind: 'stall'; readonly forMs: number }
  /** The connection is lost; the next one's clock starts at `stampMs`. */
  | { readonly kind: 'reconnect'; readonly forMs: number; readonly stampMs: number }
  | { readonly kind: 'silence'; readonly track: SourceTrack; readonly forMs: number }
);

export interface SimulatedSource {
  readonly seconds: number;
  /** What each track's clock shows at first. */
  readonly baseMs: { readonly audio: number; readonly video: number };
  readonly wrapsMs: number;
  readonly disturbances: readonly Disturbance[];
  /** Audio comes in lumps of this length. */
  readonly lumpMs: number;
  /** Audio is sent this much later than the video of its time. */
  readonly audioLateMs: number;
  /** 0 to 1. */
  readonly random: () => number;
}

export interface Message {
  readonly track: SourceTrack;
  /** When it was captured. */
  readonly trueMs: number;
  readonly stampMs: number;
  readonly arrivalMs: number;
  /** The count of connections before the one that it came by. */
  readonly session: number;
}

const periodMs = { video: 1000 / 30, audio: 1024 / 44.1 };
const jitterMs = 15;
const latencyMs = 50;

export function messagesOf(source: SimulatedSource): Message[] {
  const tracks = (['video', 'audio'] as const).map((track) => messagesOfTrack(source, track));
  return tracks.flat().sort((one, other) => one.arrivalMs - other.arrivalMs);
}

function messagesOfTrack(source: SimulatedSource, track: SourceTrack): Message[] {
  const messages: Message[] = [];
  const falseStamps = source.disturbances.filter((d) => d.kind === 'falseStamp' && d.track === track);
  let arrivalMs = 0;
  for (let n = 0; n * periodMs[track] < source.seconds * 1000; n += 1) {
    const trueMs = n * periodMs[track];
    const clock = clockAt(source, track, trueMs);
    if (clock === null) continue;
    const [next] = falseStamps;
    const isFalse = next?.kind === 'falseStamp' && trueMs >= next.atMs;
    if (isFalse) falseStamps.shift();
    const sentMs = track === 'audio' ? audioSentMs(source, trueMs) : trueMs;
    arrivalMs = Math.max(arrivalMs, heldUntil(source, sentMs) + latencyMs + source.random() * jitterMs);
    const stampMs = isFalse ? next.stampMs : Math.floor(clock.ms) % source.wrapsMs;
    messages.push({ track, trueMs, arrivalMs, session: clock.session, stampMs });
  }
  return messages;
}

function audioSentMs({ lumpMs, audioLateMs }: SimulatedSource, trueMs: number): number {
  return (lumpMs > 0 ? Math.ceil(trueMs / lumpMs) * lumpMs : trueMs) + audioLateMs;
}

/** Null while the track sends nothing. */
function clockAt(source: SimulatedSource, track: SourceTrack, trueMs: number) {
  let ms = source.baseMs[track] + trueMs;
  let session = 0;
  for (const d of source.disturbances) {
    const sinceMs = trueMs - d.atMs;
    if (sinceMs < 0) break;
    if (d.kind === 'jump') ms += d.byMs;
    if (d.kind === 'stuck' && sinceMs < d.forMs) ms -= sinceMs;
    else if (d.kind === 'stuck' && d.resumes === 'there') ms -= d.forMs;
    if (d.kind === 'silence' && d.track === track && sinceMs < d.forMs) return null;
    if (d.kind !== 'reconnect') continue;
    if (sinceMs < d.forMs) return null;
    session += 1;
    ms = d.stampMs + sinceMs - d.forMs;
  }
  return { ms: ms < 0 ? ms + source.wrapsMs : ms, session };
}

function heldUntil({ disturbances }: SimulatedSource, sentMs: number): number {
  const stall = disturbances.find((d) => d.kind === 'stall' && sentMs >= d.atMs && sentMs < d.atMs + d.forMs);
  return stall?.kind === 'stall' ? stall.atMs + stall.forMs : sentMs;
}
