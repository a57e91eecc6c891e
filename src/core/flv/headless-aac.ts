/**
 * The configuration of AAC that comes without its sequence header: the rate by the distance of the frames' stamps, each of
 * 1024 samples (ISO/IEC 14496-3 4.5.2.1.1), the channels by the first element of a frame (4.5.2.1, table 4.85).
 */
import { aacLcConfig, sampleRatesHz } from '../codec/aac-config.js';
import { createSampleRateMeter } from './sample-rate-meter.js';
import type { SaidAudio } from './script-tag.js';

const frameSamples = 1024;
/** So many frames are waited for: a header may come yet, and stamps must say something. Then metadata are believed. */
const patience = 48;
const usual = { sampleRateHz: 44_100, channels: 2 } as const;
/** id_syn_ele. */
const elements = { singleChannel: 0, channelPair: 1 } as const;

export interface HeadlessAac {
  /** One frame; the AudioSpecificConfig once it is known, else null. */
  observe(frame: Uint8Array, stampMs: number, said: SaidAudio): Uint8Array | null;
}

export function createHeadlessAac(): HeadlessAac {
  const meter = createSampleRateMeter();
  let waited = 0;

  return {
    observe(frame, stampMs, said) {
      const measuredHz = meter.observe(stampMs, frameSamples);
      waited += 1;
      if (measuredHz === null && waited < patience) return null;
      const rateIndex = sampleRatesHz.indexOf(measuredHz ?? said.sampleRateHz ?? usual.sampleRateHz);
      return rateIndex < 0 ? null : aacLcConfig(rateIndex, channelsOf(frame) ?? said.channels ?? usual.channels);
    },
  };
}

/** Null where the first element has no channels (data, fill): any may follow. */
function channelsOf(frame: Uint8Array): number | null {
  const element = (frame[0] ?? 0xff) >> 5;
  if (element === elements.singleChannel) return 1;
  return element === elements.channelPair ? 2 : null;
}
