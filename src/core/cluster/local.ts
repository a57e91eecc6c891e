/** All that a member holds. Mutable: its own. */
import type { Deadlines } from './deadlines.js';
import type { Knowledge } from './knowledge.js';
import type { Act } from './member.js';
import type { NodeRecord, WantedStream } from './records.js';
import type { Roles } from './roles.js';

export interface Local {
  self: NodeRecord;
  isReachable: boolean;
  /** The registry was read since it is reachable. */
  isRead: boolean;
  /** When the next announcement and renewal, and the next reading are due. */
  beatMs: number;
  readMs: number;
  /** When the last reading was asked for. */
  readAskedMs: number;
  readonly knowledge: Knowledge;
  readonly roles: Roles;
  /** When this node has its turn to claim, by key. */
  readonly turns: Deadlines;
  /** When it puts back what the registry has lost, and nobody has put back who owns it, by key. */
  readonly sayings: Deadlines;
  /** What the registry was asked to want, and has not answered yet, by key. */
  readonly said: Map<string, WantedStream>;
  /** The suspect that this node tries, and until when it tries no other one. */
  trial: Trial | null;
  readonly push: (act: Act) => void;
}

export interface Trial {
  readonly key: string;
  untilMs: number;
  /** The registry has taken an announcement of it: whatever follows is heard after that. */
  isTold: boolean;
}

/** It announces itself, with what it tries. */
export const announce = ({ self, trial, push }: Local): void =>
  push({ kind: 'announce', node: { ...self, trialKey: trial?.key ?? null } });

/** It hears what the registry says. */
export const isInTouch = ({ isReachable, isRead }: Local): boolean => isReachable && isRead;
