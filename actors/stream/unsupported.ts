/** When a source is of no use: it goes on sending what cannot be played, and nothing that can. */
import type { Logger } from '../../src/log-line.js';
import type { MediaKnowledge } from './media-knowledge.js';

/** How long a source may do so, in ms. */
const patienceMs = 2000;

export interface UnsupportedOptions {
  readonly knowledge: Pick<MediaKnowledge, 'settled'>;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  readonly log: Logger;
  /** Called once a session; `codecs`: what it sends, for a person. */
  readonly onUseless: (codecs: string) => void;
}

export interface Unsupported {
  newSession(): void;
  /** Video was played. */
  sawVideo(): void;
  /** The source sent what cannot be played; `codec` is a name for a person. */
  saw(track: 'audio' | 'video', codec: string): void;
}

export function createUnsupported({ knowledge, nowMs, log, onUseless }: UnsupportedOptions): Unsupported {
  let codecs = new Set<string>();
  let sinceMs: number | null = null;
  let hasVideo = false;
  let hasReported = false;

  return {
    newSession() {
      codecs = new Set();
      sinceMs = null;
      hasVideo = false;
      hasReported = false;
    },
    sawVideo() {
      hasVideo = true;
    },
    saw(track, codec) {
      if (!codecs.has(codec)) log('warn', 'source.unsupportedCodec', { codec });
      codecs.add(codec);
      sinceMs ??= nowMs();
      // Audio that cannot be heard is no reason to give up the video, nor to wait less for one.
      const isOfUse = hasVideo || (track === 'audio' && knowledge.settled);
      if (isOfUse || hasReported || nowMs() - sinceMs < patienceMs) return;
      hasReported = true;
      onUseless([...codecs].join(', '));
    },
  };
}
