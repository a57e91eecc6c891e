/** Which recorded files go, so that there are neither too many bytes nor too old ones, and room for others: the oldest first. */
import type { RecordingPart } from './part.js';

export interface RetentionLimits {
  /** Of all files; 0: no limit. */
  readonly maxTotalBytes: number;
  /** Since the end of the recording; 0: no limit. */
  readonly maxAgeMs: number;
  /** So many are to be gone. */
  readonly lackingBytes: number;
}

/** Files that are still written or finished are counted, and stay. */
export function outdatedParts(
  parts: readonly RecordingPart[],
  { maxTotalBytes, maxAgeMs, lackingBytes }: RetentionLimits,
  nowMs: number,
): readonly RecordingPart[] {
  const endOf = ({ startedAtMs, durationMs }: RecordingPart): number => startedAtMs + durationMs;
  const finished = parts.filter(({ state }) => state === 'finished').sort((a, b) => endOf(a) - endOf(b));
  let totalBytes = parts.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  let stillLacking = lackingBytes;
  return finished.filter((part) => {
    const isOld = maxAgeMs > 0 && nowMs - endOf(part) > maxAgeMs;
    const isTooMuch = maxTotalBytes > 0 && totalBytes > maxTotalBytes;
    if (!isOld && !isTooMuch && stillLacking <= 0) return false;
    totalBytes -= part.sizeBytes;
    stillLacking -= part.sizeBytes;
    return true;
  });
}
