/** One link to a source, from its dialling to its loss, whatever it speaks; and what is learnt of a source by its links. */
import type { LinkCall } from '../../src/core/rtmp/link-calls.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { Reconnect } from '../../src/core/rtmp/reconnect.js';
import { type ErrorCode, errorTable } from '../../src/errors.js';
import type { Patience } from './patience.js';
import type { OnBeat } from './rest.js';
import type { SourceHints } from './source-hints.js';
import type { SourceAccess } from './webrtc/access.js';
import type { LoadReceiving } from './webrtc/load.js';

export interface SourceOptions extends SourceAccess {
  /** May hold credentials: it is never logged. */
  readonly uri: string;
  /** Nobody waits for what it sends: it is read less often, and in larger pieces. */
  readonly mayRest: () => boolean;
  readonly onBeat: OnBeat;
  /** For a source that sends by WebRTC. */
  readonly loadReceiving: LoadReceiving;
}

export interface LinkEvents {
  /** A new session begins: called before its first media. */
  readonly onSession: () => void;
  /** The source plays: at `address`. `remoteSessionId`: how it calls the session (WCS); null: not told. */
  readonly onAccepted: (address: string, remoteSessionId: string | null) => void;
  readonly onMedia: (message: MediaMessage) => void;
  /** The source is another node (origin `edge`), and tells this. */
  readonly onTold: (call: LinkCall) => void;
  /** It played, and asked to connect elsewhere or again: which is being done. */
  readonly onMoving: () => void;
  /** The last of all; never within `open`. `detail` holds no secret. */
  readonly onLost: (reason: ErrorCode, detail: string) => void;
}

export interface Link {
  /** Of the session that is open. */
  readonly receivedBytes: number;
  /** Of it, messages that were passed over, or packets that never came. */
  readonly skipped: number;
  /** `mayRest` has become false. */
  wake(): void;
  /** Resolves when all is closed; nothing is called or dialled after the call. */
  close(): Promise<void>;
  /** The source plays what cannot be used: it is closed, and lost for this reason. */
  refuse(reason: ErrorCode, detail: string): void;
}

/** What a source's links leave to the next one; each of them changes it. */
export interface SourceHistory {
  readonly backoff: Reconnect;
  readonly hints: SourceHints;
  readonly patience: Patience;
  /** Monotonic ms. */
  readyMs: number;
  /** False: it is dialled again for whatever reason it was lost. */
  readonly givesUp: boolean;
  /** Of sessions that are over. */
  receivedBytes: number;
  skipped: number;
  attempts: number;
}

/** A link is lost: when the next one may be dialled; never, where the reason cannot go away by itself. */
export function noteLoss(history: SourceHistory, reason: ErrorCode, nowMs: number): void {
  const isFinal = history.givesUp && !errorTable[reason].retry;
  history.readyMs = isFinal ? Number.POSITIVE_INFINITY : nowMs + history.backoff.delayMs(nowMs);
}
