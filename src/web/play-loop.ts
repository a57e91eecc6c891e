/** Plays until it is stopped: connects again, with back-off, whenever the connection is lost. */
import { HttpRefusal } from './http-refusal.js';

export type PlayState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting' }
  | { readonly phase: 'playing' }
  /** Lost, or refused for now: tries again after `retryInMs`. `reason`: a text, the server's where it sent one. */
  | { readonly phase: 'waiting'; readonly reason: string; readonly retryInMs: number }
  /** Refused, and not tried again before the next start. */
  | { readonly phase: 'failed'; readonly reason: string };

/** What a page says of it; empty where nothing is to be said. */
export function wordsOf(state: PlayState): string {
  switch (state.phase) {
    case 'idle':
    case 'playing':
      return '';
    case 'connecting':
      return 'Connecting…';
    case 'waiting':
      return `${state.reason}. Trying again in ${Math.max(1, Math.round(state.retryInMs / 1000))} s`;
    case 'failed':
      return state.reason;
  }
}

interface PlayLoop {
  /** Plays once; calls `playing` when media flows, and resolves with the reason of the end. Rejects when it did not come so far. */
  readonly play: (signal: AbortSignal, playing: () => void) => Promise<string>;
  /** Frees what `play` left. */
  readonly release: () => void;
  readonly onState: (state: PlayState) => void;
  readonly signal: AbortSignal;
  /** Pause before the first retry; doubled for each further one, up to `retryMaxMs`. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

/** A server that does not answer at all is restarting, perhaps: it is to be found again within 3 s of its being up. */
const unreachableMaxMs = 2000;

/** Resolves when `signal` is aborted, or the server refused for good. */
export async function playOn({ play, release, onState, signal, retryFirstMs, retryMaxMs }: PlayLoop): Promise<void> {
  for (let pauseMs = retryFirstMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, retryMaxMs)) {
    onState({ phase: 'connecting' });
    let lost: unknown;
    try {
      lost = new Error(await play(signal, () => onState({ phase: 'playing' })));
      pauseMs = retryFirstMs;
    } catch (error) {
      lost = error;
    }
    release();
    if (signal.aborted) return;
    const reason = lost instanceof Error ? lost.message : String(lost);
    const refusal = lost instanceof HttpRefusal ? lost : null;
    if (refusal !== null && !refusal.isTemporary) {
      onState({ phase: 'failed', reason });
      return;
    }
    const nextMs = refusal?.status === 0 ? Math.min(pauseMs, unreachableMaxMs) : pauseMs;
    // Jitter: the viewers of a server that went down must not all come back at the same moment.
    const retryInMs = Math.max(refusal?.retryAfterMs ?? 0, nextMs * (0.75 + Math.random() / 2));
    onState({ phase: 'waiting', reason, retryInMs });
    await pause(retryInMs, signal);
  }
}

export function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
