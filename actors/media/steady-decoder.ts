import type { Frame } from 'node-av/lib';
import { type AudioConfig, setupOf } from '../../src/core/codec/audio-config.js';
import { type AudioDecoder, createAudioDecoder } from './audio-decoder.js';
import type { NativeAv } from './native.js';
import { maxChannels } from './resampler.js';

/** A decoder that finds back from damage; call it inside `inNative` only. */
export interface SteadyDecoder {
  /**
   * Hands each decoded frame to `take` (the frame is reused: read it at once). False when the access unit was damaged;
   * some of it may have been handed on all the same.
   */
  decode(mediaMs: number, accessUnit: Uint8Array, take: (frame: Frame) => void): boolean;
  close(): void;
}

/** A decoder that has refused everything for so long is opened again: some of them never find back by themselves. */
const resetAfterMs = 60;

/** No source sends longer frames; what reads like one is damage, and would hold up the stream while it is encoded. */
const longestSeconds = 1;

/** Error: internal when the decoder refuses the configuration. */
export function createSteadyDecoder(av: NativeAv, config: AudioConfig): SteadyDecoder {
  let decoder: AudioDecoder = createAudioDecoder(av, config);
  let failingSinceMs: number | null = null;
  const isExpected = createFormatWatch(config);

  const reopen = (): void => {
    failingSinceMs = null;
    decoder.close();
    decoder = createAudioDecoder(av, config);
  };

  return {
    decode(mediaMs, accessUnit, take) {
      let isOdd = false;
      const isIntact = decoder.decode(accessUnit, (frame) => {
        if (frame.nbSamples > frame.sampleRate * longestSeconds || !isExpected(frame)) isOdd = true;
        if (isOdd) return;
        failingSinceMs = null;
        take(frame);
      });
      if (isOdd) {
        reopen();
        return false;
      }
      if (isIntact) return true;
      failingSinceMs ??= mediaMs;
      if (mediaMs - failingSinceMs >= resetAfterMs) reopen();
      return false;
    },
    close: () => decoder.close(),
  };
}

/**
 * Where a configuration says the format, damage that reads like another one (AAC's program config element, ISO/IEC 14496-3
 * 4.5.2.1) stays with the decoder for good: it goes on with 36 channels, most of them silent. So another format than so far
 * counts when a decoder that was opened again says it too. Gives false for a frame that is not to be heard.
 */
function createFormatWatch(config: AudioConfig): (frame: Frame) => boolean {
  if (setupOf(config) === null) return () => true;
  const mostChannels = Math.max(config.channels, maxChannels);
  let known: string | null = null;
  let rumoured: string | null = null;
  return ({ sampleRate, channels, channelLayout, format }) => {
    const said = [sampleRate, channels, channelLayout.mask, format].join();
    const isExpected = channels <= mostChannels && (known === null || said === known || said === rumoured);
    if (isExpected) known = said;
    rumoured = isExpected ? null : said;
    return isExpected;
  };
}
