import type { AccessUnit } from '../../src/core/codec/access-unit.js';

/** The source's frames since its newest keyframe, as they came: what a rendition that starts now has to decode first. */
export interface CodedGop {
  readonly units: readonly AccessUnit[];
  /**
   * Behind a gradual keyframe what is kept begins with the one before it. The data are kept; where they are a small part of a
   * message, a copy of them: the rest would be held with it.
   */
  add(unit: AccessUnit): void;
  clear(): void;
}

/** Beyond `maxBytes` nothing is kept until the next keyframe: half a GOP cannot be decoded. */
export function createCodedGop(maxBytes: number): CodedGop {
  let units: AccessUnit[] = [];
  let bytes = 0;
  let isBroken = true;
  /** Where the newest gradual keyframe stands among the units. */
  let gradualAt = 0;
  const clear = (): void => {
    units = [];
    bytes = 0;
    isBroken = true;
    gradualAt = 0;
  };
  const keepFromGradual = (): void => {
    units = units.slice(gradualAt);
    gradualAt = units.length;
    bytes = units.reduce((sum, { data }) => sum + data.length, 0);
  };
  return {
    get units() {
      return units;
    },
    add(unit) {
      if (unit.isGradual === true) keepFromGradual();
      else if (unit.isKeyframe) clear();
      isBroken &&= !unit.isKeyframe;
      bytes += unit.data.length;
      if (isBroken || bytes > maxBytes) {
        units = [];
        isBroken = true;
        return;
      }
      const { isKeyframe, isGradual = false, isDisposable = false, pts90k } = unit;
      units.push({ data: detached(unit.data), isKeyframe, isGradual, isDisposable, pts90k });
    },
    clear,
  };
}

/** Most frames are a message but for its tag header; those of an aggregate message are not. */
function detached(data: Uint8Array): Uint8Array {
  return data.length * 2 < data.buffer.byteLength ? Uint8Array.from(data) : data;
}
