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
  /** What the registry was asked to want, and has not answered yet, by key. */
  readonly said: Map<string, WantedStream>;
  readonly push: (act: Act) => void;
}

/** It hears what the registry says. */
export const isInTouch = ({ isReachable, isRead }: Local): boolean => isReachable && isRead;
