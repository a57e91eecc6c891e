/** Code that a stream's thread loads when it is first needed, or before; while it does, its loop may stand still for long. */
import { loadAudio, type OpenAudioTranscoder } from '../media/load-audio.js';
import { loadFragments, type OpenFragmentMuxer } from '../media/load-fragments.js';
import type { Beat } from '../runtime/beat.js';
import type { LoadReceiving } from '../source/webrtc/load.js';
import type { LoadViewing } from '../viewers/viewers.js';

export type Drills = typeof import('../runtime/drills.js');

export interface StreamCode {
  /** For the first viewer. */
  readonly viewing: LoadViewing;
  /** For a source that sends by WebRTC. */
  readonly receiving: LoadReceiving;
  /** FFmpeg: for the first audio that is encoded. Error: media.unavailable. */
  audio(): Promise<OpenAudioTranscoder>;
  /** FFmpeg: for the first who takes fragments. Error: media.unavailable. */
  fragments(): Promise<OpenFragmentMuxer>;
  /** Where drills are allowed: before the first, which may have to run where no file can be opened any more. */
  drills(): Promise<Drills>;
  /** All that a first viewer needs, so that it need not wait. What does not load says so when it is needed. */
  ahead(): Promise<void>;
}

export function createStreamCode({ guard, loading }: Pick<Beat, 'guard' | 'loading'>): StreamCode {
  const viewing = () => loading(() => import('../viewers/viewing.js'));
  const audio = () => loading(() => loadAudio(guard));
  return {
    viewing,
    receiving: () => loading(() => import('../source/webrtc/receiving.js')),
    audio,
    fragments: () => loading(() => loadFragments(guard)),
    drills: () => loading(() => import('../runtime/drills.js')),
    async ahead() {
      const { loadNativeFanout } = await viewing();
      loadNativeFanout();
      await audio().catch(() => {});
    },
  };
}
