/** Adding up what became of datagrams, over fan-outs and threads. */
import type { DatagramCounts } from '../stats.js';

export const noDatagrams: DatagramCounts = {
  systemCalls: 0,
  taken: 0,
  blocked: 0,
  tooLong: 0,
  dropped: 0,
  segmentsRefused: 0,
};

export function sumDatagrams(parts: readonly Partial<DatagramCounts>[]): DatagramCounts {
  const sum = (of: keyof DatagramCounts): number => parts.reduce((total, part) => total + (part[of] ?? 0), 0);
  return {
    systemCalls: sum('systemCalls'),
    taken: sum('taken'),
    blocked: sum('blocked'),
    tooLong: sum('tooLong'),
    dropped: sum('dropped'),
    segmentsRefused: sum('segmentsRefused'),
  };
}
