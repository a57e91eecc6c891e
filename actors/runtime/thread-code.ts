/** Code that a thread loads when it is first needed, or before; while it does, its loop may stand still for long. */
import { loadNativeFanout } from '../fanout/native-binding.js';
import { loadNativeAv, type NativeAv } from '../media/native.js';
import type { Beat } from './beat.js';

export interface ThreadCode {
  /** werift's DTLS: for the first viewer. */
  dtls(): Promise<typeof import('../transport/dtls-toolkit.js')>;
  /** FFmpeg: for the first audio that is encoded. Error: media.unavailable. */
  av(): Promise<NativeAv>;
  /** All that a first viewer needs, so that it need not wait. What does not load says so when it is needed. */
  ahead(): Promise<void>;
}

export function createThreadCode({ guard, loading }: Pick<Beat, 'guard' | 'loading'>): ThreadCode {
  const dtls = () => loading(() => import('../transport/dtls-toolkit.js'));
  const av = () => loading(() => loadNativeAv(guard));
  return {
    dtls,
    av,
    async ahead() {
      loadNativeFanout();
      await dtls();
      await av().catch(() => {});
    },
  };
}
