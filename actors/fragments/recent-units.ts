/** The video of a stream since its newest keyframe, as its source sent it: with it begins who takes fragments or packets. */
import type { VideoUnit } from './units.js';

export interface RecentUnits {
  readonly units: readonly VideoUnit[];
  add(unit: VideoUnit): void;
  /** Units that came do not go together with those that will. */
  clear(): void;
}

/** Beyond `maxBytes` nothing is kept until the next keyframe: half a GOP cannot be decoded. */
export function createRecentUnits(maxBytes: number): RecentUnits {
  let units: VideoUnit[] = [];
  let bytes = 0;
  return {
    get units() {
      return units;
    },
    add(unit) {
      if (unit.isKeyframe) {
        units = [];
        bytes = 0;
      } else if (units.length === 0) return;
      bytes += unit.data.length;
      if (bytes <= maxBytes) units.push(unit);
      else units = [];
    },
    clear() {
      units = [];
    },
  };
}
