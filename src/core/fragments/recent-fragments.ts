/** What a new player is sent first: the init segment, and all fragments since the newest keyframe. */
import type { Fragment, FragmentMessage, InitSegment } from './fragment.js';

export interface RecentFragments {
  readonly init: InitSegment | null;
  /** Since the newest keyframe; of a stream without video those of the last moments. Empty where there is no place to begin. */
  readonly fragments: readonly Fragment[];
  add(message: FragmentMessage): void;
}

/** Of a stream without video: as many fragments as are some 200 ms. */
const keptAudio = 10;

/** Beyond `maxBytes` nothing is kept until the next keyframe: half a GOP cannot be decoded. */
export function createRecentFragments(maxBytes: number): RecentFragments {
  let init: InitSegment | null = null;
  let fragments: Fragment[] = [];
  let bytes = 0;
  let isBroken = false;
  const clear = (): void => {
    fragments = [];
    bytes = 0;
  };
  const keep = (fragment: Fragment): void => {
    if (init?.timescales.video === undefined) {
      fragments = [...fragments.slice(1 - keptAudio), fragment];
      return;
    }
    if (fragment.isKeyframe) {
      clear();
      isBroken = false;
    }
    if (isBroken || (fragments.length === 0 && !fragment.isKeyframe)) return;
    bytes += fragment.data.length;
    isBroken = bytes > maxBytes;
    if (isBroken) clear();
    else fragments.push(fragment);
  };

  return {
    get init() {
      return init;
    },
    get fragments() {
      return fragments;
    },
    add(message) {
      if (message.kind === 'fragment') return keep(message);
      init = message;
      clear();
      isBroken = false;
    },
  };
}
