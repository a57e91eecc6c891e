import { outputChannels } from './resampler.js';

/**
 * What is heard in place of audio that is missing: the last audio played backwards and faded out, which goes on without a
 * step and is soon still. 48 kHz stereo, interleaved.
 */
export interface Concealment {
  /** Audio was heard; what is missing next sounds like it. */
  heard(pcm: Float32Array): void;
  /** Fills a missing stretch. */
  fill(pcm: Float32Array): void;
}

export function createConcealment(): Concealment {
  let last = new Float32Array(0);
  /** Samples of each channel that are left to play backwards. */
  let length = 0;

  return {
    heard(pcm) {
      if (pcm.length === 0) return;
      if (last.length < pcm.length) last = new Float32Array(pcm.length);
      last.set(pcm);
      length = pcm.length / outputChannels;
    },
    fill(pcm) {
      pcm.fill(0);
      const faded = Math.min(length, pcm.length / outputChannels);
      for (let at = 0; at < faded; at += 1) {
        for (let channel = 0; channel < outputChannels; channel += 1) {
          const from = (length - 1 - at) * outputChannels + channel;
          pcm[at * outputChannels + channel] = (last[from] ?? 0) * (1 - (at + 1) / faded);
        }
      }
      length = 0;
    },
  };
}
