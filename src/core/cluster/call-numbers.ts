/** How many calls a node has made to each other one, and which of theirs have come: each is taken once, whatever clocks say. */
import { createReplayWindow, type ReplayWindow } from '../bytes/replay-window.js';

export interface CallNumbers {
  /** Of the next call to that node. */
  next(to: string): number;
  /** False for a call that came before, or may have: it is 64 or more behind the newest one. */
  accept(from: string, number: number): boolean;
}

/** Lives of other nodes within one life of this one. */
const mostNodes = 4096;

/** `isKnown`: a node of this id is there, as far as the registry says. */
export function createCallNumbers(isKnown: (nodeId: string) => boolean): CallNumbers {
  const made = new Map<string, number>();
  const come = new Map<string, ReplayWindow>();
  /** Of nodes that are forgotten: if one of them comes back its numbers go on behind. */
  let madeBefore = 0;
  let hasForgotten = false;

  return {
    next(to) {
      const number = (made.get(to) ?? madeBefore) + 1;
      made.set(to, number);
      for (const [id, last] of made.size > mostNodes ? made : []) {
        if (isKnown(id) || id === to) continue;
        madeBefore = Math.max(madeBefore, last);
        made.delete(id);
      }
      return number;
    },
    accept(from, number) {
      const known = come.get(from);
      if (known !== undefined) return known.accept(number);
      for (const id of come.size >= mostNodes ? come.keys() : []) {
        if (isKnown(id)) continue;
        come.delete(id);
        hasForgotten = true;
      }
      // What was recorded of a node that is forgotten would be taken for new.
      if (hasForgotten && !isKnown(from)) return false;
      const window = createReplayWindow();
      come.set(from, window);
      return window.accept(number);
    },
  };
}
