/**
 * The rate of G.711 and PCM: an FLV tag has no room for most rates, and G.711 is 8 kHz by its letter alone. So metadata are
 * asked, and the samples against the stamps, which rule where they say another rate twice in a row.
 */
import type { FlvHeaderConfig } from '../codec/audio-config.js';
import { createSampleRateMeter } from './sample-rate-meter.js';

export interface RawRate {
  /** What the message of this stamp is of, its rate mended. `saidHz`: by the source's metadata; null: they do not say. */
  settle(config: FlvHeaderConfig, sizeBytes: number, stampMs: number, saidHz: number | null): FlvHeaderConfig;
}

export function createRawRate(): RawRate {
  let meter = createSampleRateMeter();
  let codec: FlvHeaderConfig['codec'] | null = null;
  let rateHz: number | null = null;
  let measuredHz: number | null = null;

  const begin = (next: FlvHeaderConfig['codec']): void => {
    meter = createSampleRateMeter();
    codec = next;
    rateHz = null;
    measuredHz = null;
  };

  return {
    settle(config, sizeBytes, stampMs, saidHz) {
      const bytesPerSample = bytesOf(config);
      if (bytesPerSample === null) return config;
      if (codec !== config.codec) begin(config.codec);
      rateHz ??= saidHz;
      const foundHz = meter.observe(stampMs, sizeBytes / bytesPerSample / config.channels);
      if (foundHz !== null && (rateHz === null || foundHz === measuredHz)) rateHz = foundHz;
      measuredHz = foundHz ?? measuredHz;
      return rateHz === null ? config : { ...config, sampleRateHz: rateHz };
    },
  };
}

/** Null for codecs whose rate their tag has, or that have only one. */
function bytesOf(config: FlvHeaderConfig): number | null {
  if (config.codec === 'PCM') return config.bitsPerSample / 8;
  return config.codec === 'PCMA' || config.codec === 'PCMU' ? 1 : null;
}
