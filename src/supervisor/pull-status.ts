/** The status of a pull as clients see it (ARCHITECTURE.md, The life of a pull), and the grace of a source that is away. */
import type { SourceState } from '../../actors/contract.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import type { ErrorCode } from '../errors.js';

/** What clients see of a pull. Immutable: a change replaces it. */
export interface PullStatus {
  readonly state: SourceState;
  /** Why the source was lost, until its media comes again; why it FAILED; null while all is well. */
  readonly reason: ErrorCode | null;
  readonly detail: string;
  readonly media: MediaInfo;
  /** The source that plays, as an index: 0 is the spec's `uri`; null while none does. */
  readonly playing: number | null;
  /** How that source calls the session (WCS); null: it does not, or none plays. */
  readonly remoteSessionId: string | null;
  /** How often a source was lost, or could not be had, since one has sent media last. */
  readonly losses: number;
  /** It is lost, and viewers are not kept for it any more. */
  readonly isGraceOver: boolean;
  /** RTMP players that its thread serves. */
  readonly players: number;
  /** How much later than at its owner the stream comes from another node; null: it is not taken from one, or not known yet. */
  readonly linkDelayMs: number | null;
  /** True when nothing is tried any more. */
  readonly isOver: boolean;
}

const newPull: PullStatus = {
  state: 'NEW',
  reason: null,
  detail: '',
  media: { video: null, audio: null },
  playing: null,
  remoteSessionId: null,
  losses: 0,
  players: 0,
  linkDelayMs: null,
  isGraceOver: false,
  isOver: false,
};

/** True once its source has sent media. */
export const hasHadMedia = ({ media }: PullStatus): boolean => media.video !== null || media.audio !== null;

interface PullStatusOptions {
  /** How long viewers keep their sessions while the source is away, ms; 0: `onGraceOver` takes the place of `onLost`. */
  readonly sourceGraceMs: number;
  readonly onChange: () => void;
  /** The source is away, for this reason; once until `onBack`. */
  readonly onLost: (reason: ErrorCode) => void;
  /** Media flows again. */
  readonly onBack: () => void;
  /** The source, which was lost for this reason, is still away. */
  readonly onGraceOver: (reason: ErrorCode) => void;
}

export interface StatusOfPull {
  readonly current: PullStatus;
  update(change: Partial<PullStatus>): void;
  become(state: SourceState, reason: ErrorCode | null, detail: string, isOver?: boolean): void;
}

export function createPullStatus(options: PullStatusOptions): StatusOfPull {
  const { sourceGraceMs, onGraceOver } = options;
  let current = newPull;
  let isLost = false;
  let graceTimer: NodeJS.Timeout | undefined;

  const update = (change: Partial<PullStatus>): void => {
    current = { ...current, ...change };
    options.onChange();
  };

  const endGrace = (reason: ErrorCode): void => {
    update({ isGraceOver: true });
    onGraceOver(reason);
  };

  const lose = (reason: ErrorCode): void => {
    if (isLost) return;
    isLost = true;
    if (sourceGraceMs === 0) {
      endGrace(reason);
      return;
    }
    options.onLost(reason);
    graceTimer = setTimeout(endGrace, sourceGraceMs, reason);
  };

  return {
    get current() {
      return current;
    },
    update,
    become(state, reason, detail, isOver = false) {
      const isConnected = state === 'CONNECTED' || state === 'PROCESSED_REMOTE';
      const isLoss = state === 'PENDING' && reason !== null;
      const losses = state === 'PROCESSED_REMOTE' ? 0 : current.losses + (isLoss ? 1 : 0);
      const { playing, remoteSessionId } = isConnected ? current : newPull;
      update({ state, reason, detail, isOver, losses, playing, remoteSessionId });
      if (state === 'PROCESSED_REMOTE' || isOver) {
        clearTimeout(graceTimer);
        update({ isGraceOver: false });
        if (isLost && !isOver) options.onBack();
        isLost = false;
      } else if (reason !== null) lose(reason);
    },
  };
}
