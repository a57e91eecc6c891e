/** A stream taken as fragments or packets, and what its taker is told beside them. Types only. */
import type { ViewerAlert } from '../core/diagnosis/viewer-alerts.js';
import type { ErrorCode } from '../errors.js';
import type { SourceData } from './data-ring.js';

/** What becomes of a source beside its media. */
export type SourceNews =
  /** It said this: captions, cue points, metadata. */
  | { readonly kind: 'data'; readonly data: SourceData }
  /** It was lost, for this reason; null: its media flows again. */
  | { readonly kind: 'source'; readonly lost: ErrorCode | null }
  /** What is wrong now, as viewers are told; empty: nothing any more. */
  | { readonly kind: 'alerts'; readonly alerts: readonly ViewerAlert[] };

/** Of fragments, or of packets. */
export interface MediaListener<Message> {
  /** First what must be known of what follows, then media, from a keyframe on. */
  readonly onMessage: (message: Message) => void;
  readonly onNews?: (news: SourceNews) => void;
  /** Called once when no more will come: the pull has ended (its reason), media.unavailable, media.transcodingDisabled. */
  readonly onOver: (reason: ErrorCode | null) => void;
}

/** Fragments or packets of a stream, until it is closed. */
export interface MediaWatch {
  readonly pullId: string;
  readonly localName: string;
  close(): void;
}
