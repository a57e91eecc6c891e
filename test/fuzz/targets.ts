import { codecTargets } from './targets/codec.js';
import { flvTargets } from './targets/flv.js';
import { guardTargets } from './targets/guard.js';
import { rtmpTargets } from './targets/rtmp.js';
import { signalTargets } from './targets/signal.js';
import type { FuzzTarget } from './targets/target.js';
import { textTargets } from './targets/text.js';

/** By name; each has a folder of that name in the corpus. */
export const targets: ReadonlyMap<string, FuzzTarget> = new Map<string, FuzzTarget>(
  Object.entries({ ...rtmpTargets, ...flvTargets, ...codecTargets, ...signalTargets, ...guardTargets, ...textTargets }),
);
