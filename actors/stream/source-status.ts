/** How the source of a stream stands, as it is told to main. */
import type { MissingTrack } from '../../src/core/codec/media-info.js';
import { unusableReasons } from '../../src/core/diagnosis/reasons.js';
import type { ErrorCode } from '../../src/errors.js';
import type { SourceState } from '../contract.js';
import type { MediaKnowledge } from './media-knowledge.js';

/** So often looked at in vain nothing has come of what would play: half a second. */
const vainLooks = 2;

export interface SourceStatusOptions {
  readonly knowledge: Pick<MediaKnowledge, 'settled' | 'info'>;
  readonly onState: (state: SourceState, reason: ErrorCode | null, detail: string) => void;
}

export interface SourceStatus {
  readonly state: SourceState;
  enter(state: SourceState, reason: ErrorCode | null, detail: string): void;
  /** Media that can be played has come. */
  plays(): void;
  /** These cannot be used: where nothing else is there either, that is the reason why nothing plays. */
  missing(tracks: readonly MissingTrack[]): void;
  /** To be called at each heartbeat. */
  timePasses(): void;
}

export function createSourceStatus({ knowledge, onState }: SourceStatusOptions): SourceStatus {
  let state: SourceState = 'NEW';
  let reason: ErrorCode | null = null;
  let looks = 0;
  const enter = (next: SourceState, why: ErrorCode | null, detail: string): void => {
    state = next;
    reason = why;
    onState(next, why, detail);
  };
  const enterDead = (tracks: readonly MissingTrack[]): void => {
    const dead = tracks.find(({ code }) => unusableReasons.has(code));
    if (dead !== undefined) enter('CONNECTED', dead.code, dead.detail);
  };

  return {
    get state() {
      return state;
    },
    enter,
    plays() {
      if (state === 'CONNECTED' && knowledge.settled) enter('PROCESSED_REMOTE', null, '');
    },
    missing(tracks) {
      if ((state === 'CONNECTED' || state === 'PROCESSED_REMOTE') && !knowledge.settled) enterDead(tracks);
    },
    timePasses() {
      // What would play is known by now: it plays as soon as any of it comes.
      looks = state === 'CONNECTED' && reason === null && knowledge.settled ? looks + 1 : 0;
      if (looks > vainLooks) enterDead(knowledge.info.missing ?? []);
    },
  };
}
