/** One socket of WCS signalling: its session, what it plays, and what all sockets have in common. */
import type { RateLimit } from '../core/guard/rate.js';
import type { WcsInput } from '../core/wcs/contract.js';
import type { WcsSession } from '../core/wcs/session.js';
import { type ErrorCode, rowOf, SluiceError, stackOf } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Streams } from '../supervisor/streams.js';
import type { PacketRequest } from '../supervisor/view.js';
import type { Hooks } from './hooks.js';
import type { MediaBacklog } from './media-backlog.js';
import type { PacketStreams } from './packet-streams.js';
import type { PlaybackGate, PlaybackRequest } from './playback-gate.js';
import type { RequestLimit } from './port-servings.js';
import type { SocketPeer } from './sockets.js';
import { type Releases, signallingRequest } from './wcs-admission.js';
import type { WcsMedia } from './wcs-media.js';

export interface SignallingParts {
  readonly streams: Streams;
  /** What plays by packets. */
  readonly packets: Pick<PacketStreams, 'open'>;
  readonly backlog: Pick<MediaBacklog, 'add' | 'remove'>;
  readonly gate: Pick<PlaybackGate, 'admit' | 'glance'>;
  readonly log: Logger;
  readonly startTimeoutMs: number;
  readonly maxPlays: number;
  /** Null: no application has a back end. */
  readonly hooks: Hooks | null;
  /** That frames are counted by, too. */
  readonly requests: RequestLimit;
  readonly nowMs: () => number;
  readonly isDraining: () => boolean;
}

/** By all sessions. */
export interface Shared {
  /** By client. */
  readonly snapshots: RateLimit;
  /** By client: of the log. */
  readonly lines: RateLimit;
  readonly media: WcsMedia;
  clientOf(token: string): Client | undefined;
}

/** One socket and the session of its client. */
export interface Client {
  readonly parts: SignallingParts;
  readonly peer: SocketPeer;
  /** Names the session: `authToken` toward its client, `sessionId` in REST. */
  readonly token: string;
  readonly session: WcsSession;
  readonly shared: Shared;
  /** By viewer, which packets its plays by the MSE provider are sent. */
  readonly packets: Map<string, PacketPlay>;
  readonly releases: Releases;
  /** Its session hears this, and what it says is carried out. */
  feed(input: WcsInput): void;
}

interface PacketPlay {
  readonly request: PacketRequest;
  readonly connected: () => void;
}

/** `token`: of its own. */
export const askOf = ({ peer, session }: Client, name: string, token: string): PlaybackRequest =>
  signallingRequest(peer, name, [token, session.token]);

/** What a session hears of an error. */
export function codeOf(error: unknown, log: Logger): ErrorCode {
  if (!(error instanceof SluiceError)) log('error', 'server.bug', { where: 'wcs', error: stackOf(error) });
  return rowOf(error);
}
