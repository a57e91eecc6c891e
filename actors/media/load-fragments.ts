/** What muxes fragments, loaded when it is first needed. */
import type { FragmentMuxer, MuxedTracks } from './fragment-muxer.js';
import { loadNativeAv, type NativeGuard } from './native.js';

/** Error: internal when FFmpeg refuses the tracks. */
export type OpenFragmentMuxer = (tracks: MuxedTracks) => FragmentMuxer;

/** Error: media.unavailable. */
export async function loadFragments(guard: NativeGuard): Promise<OpenFragmentMuxer> {
  const av = await loadNativeAv(guard);
  const { createFragmentMuxer } = await import('./fragment-muxer.js');
  return (tracks) => createFragmentMuxer(av, guard, tracks);
}
