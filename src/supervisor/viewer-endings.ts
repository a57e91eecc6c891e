/** Why viewers went: counted by stream and reason, for ten minutes. */
import type { ErrorCode } from '../errors.js';

interface Ending {
  readonly atMs: number;
  readonly reason: ErrorCode;
}

export interface ViewerEndings {
  add(pullId: string, reason: ErrorCode): void;
  of(pullId: string): Readonly<Record<string, number>>;
}

const keptMs = 600_000;
/** More say nothing more. */
const maxKept = 1000;

export function createViewerEndings(nowMs: () => number): ViewerEndings {
  const endings = new Map<string, Ending[]>();
  return {
    add(pullId, reason) {
      const ofPull = endings.get(pullId) ?? [];
      ofPull.push({ atMs: nowMs(), reason });
      if (ofPull.length > maxKept) ofPull.shift();
      endings.delete(pullId);
      endings.set(pullId, ofPull);
      for (const [oldest, { length, [length - 1]: last }] of endings) {
        if (last !== undefined && nowMs() - last.atMs < keptMs) break;
        endings.delete(oldest);
      }
    },
    of(pullId) {
      const counts: Record<string, number> = {};
      for (const { atMs, reason } of endings.get(pullId) ?? []) {
        if (nowMs() - atMs < keptMs) counts[reason] = (counts[reason] ?? 0) + 1;
      }
      return counts;
    },
  };
}
