/** What transcodes audio, loaded when it is first needed. */
import type { AudioTranscoder, AudioTranscoderOptions } from './audio-transcoder.js';
import { loadNativeAv, type NativeGuard } from './native.js';

/** Error: internal when the decoder refuses the configuration. */
export type OpenAudioTranscoder = (options: AudioTranscoderOptions) => AudioTranscoder;

/** Error: media.unavailable. */
export async function loadAudio(guard: NativeGuard): Promise<OpenAudioTranscoder> {
  const [av, { createAudioTranscoder }] = await Promise.all([loadNativeAv(guard), import('./audio-transcoder.js')]);
  return (options) => createAudioTranscoder(av, options);
}
