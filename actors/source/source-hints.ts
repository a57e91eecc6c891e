/**
 * How a source wants to be spoken to, learnt from what failed: most servers need no FCSubscribe and stand the fields of
 * Enhanced RTMP, some are the other way round. Once media came, what worked is kept.
 */
import type { Waiting } from '../../src/core/rtmp/client-dialogue.js';
import type { ErrorCode } from '../../src/errors.js';

export interface Hints {
  readonly subscribes: boolean;
  readonly isEnhanced: boolean;
}

export interface SourceHints {
  readonly current: Hints;
  /** Media came. */
  worked(): void;
  /** @param waitingFor how far the dialogue had come. */
  failed(reason: ErrorCode, waitingFor: Waiting): void;
}

/** Without FCSubscribe, the edge of a CDN does not know the stream, or has nothing of it. */
const wantsSubscribe: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['source.notFound', 'source.noMedia']);
/** How a server fails that cannot read connect: it breaks off, or says nothing. */
const wantsPlainConnect: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'source.rejected',
  'source.timeout',
  'source.protocol',
]);

export function createSourceHints(): SourceHints {
  let current: Hints = { subscribes: false, isEnhanced: true };
  let isProven = false;

  return {
    get current() {
      return current;
    },
    worked() {
      isProven = true;
    },
    failed(reason, waitingFor) {
      if (isProven) return;
      if (wantsSubscribe.has(reason)) current = { ...current, subscribes: !current.subscribes };
      if (waitingFor === 'connect' && wantsPlainConnect.has(reason)) {
        current = { ...current, isEnhanced: !current.isEnhanced };
      }
    },
  };
}
