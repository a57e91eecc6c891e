/** Playback tokens that are good for one time, or for so many viewers, in the memory of this process. */
import type { Registry } from './registry.js';

interface MemoryTokens {
  readonly calls: Pick<Registry, 'useToken' | 'takeSeats' | 'keepSeats'>;
  clear(): void;
}

/** `isThere`: a node of this id. */
export function createMemoryTokens(nowMs: () => number, isThere: (nodeId: string) => boolean): MemoryTokens {
  const used = new Map<string, number>();
  /** By token, then by node. */
  const seats = new Map<string, Map<string, number>>();

  const put = (key: string, nodeId: string, viewers: number): void => {
    const ofToken = seats.get(key) ?? new Map<string, number>();
    if (viewers === 0) ofToken.delete(nodeId);
    else ofToken.set(nodeId, viewers);
    for (const id of ofToken.keys()) if (!isThere(id) && id !== nodeId) ofToken.delete(id);
    if (ofToken.size === 0) seats.delete(key);
    else seats.set(key, ofToken);
  };
  const atOthers = (key: string, nodeId: string): number =>
    [...(seats.get(key) ?? [])].reduce(
      (sum, [id, viewers]) => (id === nodeId || !isThere(id) ? sum : sum + viewers),
      0,
    );

  return {
    calls: {
      async useToken(key, forMs) {
        if ((used.get(key) ?? 0) > nowMs()) return false;
        used.set(key, nowMs() + forMs);
        return true;
      },
      async takeSeats({ key, nodeId, viewers, most }) {
        if (atOthers(key, nodeId) + viewers > most) return false;
        put(key, nodeId, viewers);
        return true;
      },
      async keepSeats(nodeId, all) {
        for (const { key, viewers } of all) put(key, nodeId, viewers);
      },
    },
    clear() {
      used.clear();
      seats.clear();
    },
  };
}
