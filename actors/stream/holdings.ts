/** What a stream's thread holds of the video, and gives up when its memory is short: caches, and renditions that only wishes need. */
import type { SentTrack } from '../../src/core/codec/audio-encoding.js';
import type { RtpHistory } from '../../src/core/rtp/rtp-history.js';
import type { Logger } from '../../src/log-line.js';
import type { RenditionPool } from '../rendition/pool.js';
import type { Holdings } from '../runtime/memory-watch.js';
import type { Audience } from '../viewers/audience.js';
import type { IdleGop } from './idle-gop.js';
import type { VideoPath } from './video-path.js';

export interface StreamHoldings extends Holdings {
  /** Memory is short now. */
  readonly isSparing: boolean;
}

interface HoldingParts {
  readonly histories: Readonly<Record<SentTrack, RtpHistory>>;
  readonly renditions: Pick<RenditionPool, 'histories'>;
  readonly idleGop: Pick<IdleGop, 'drop'>;
  readonly video: Pick<VideoPath, 'forgetGop'>;
  readonly viewers: Pick<Audience, 'reconsider' | 'local'>;
}

/** `parts`: asked when the thread is up. */
export function createHoldings(parts: () => HoldingParts, log: Logger): StreamHoldings {
  let isSparing = false;
  return {
    get isSparing() {
      return isSparing;
    },
    countHeld() {
      const { histories, renditions, viewers } = parts();
      const all = [...Object.values(histories), ...renditions.histories];
      return all.reduce((total, { memory }) => total + memory.shared.buffer.byteLength, viewers.local.heldBytes);
    },
    spare(sparing) {
      const { idleGop, video, viewers } = parts();
      isSparing = sparing;
      log('warn', 'actor.memory', { isSparing });
      if (sparing) {
        idleGop.drop();
        video.forgetGop();
      }
      viewers.reconsider();
    },
  };
}
