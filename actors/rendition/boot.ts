/** Entry of a rendition's thread. */

import { workerData } from 'node:worker_threads';
import { loadNativeAv } from '../media/native.js';
import { createBeat, ownTid } from '../runtime/beat.js';
import type { RenditionBoot } from './contract.js';
import { lowerPriority, startTranscoding } from './transcoding.js';

const boot: RenditionBoot = workerData;
const beat = createBeat(boot.beat);

lowerPriority(ownTid());
boot.actorLife.on('close', () => boot.media.close());
void startTranscoding({
  channel: boot.media,
  wish: boot.wish,
  guard: beat.guard,
  loadAv: () => beat.loading(() => loadNativeAv(beat.guard)),
  onHolding: (countHeld) => beat.holds({ countHeld, spare() {} }),
  onStopped: beat.stop,
});
