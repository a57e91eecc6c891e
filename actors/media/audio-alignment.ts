/** Keeps the count of samples and the source's stamps together: fills what is missing, leaves out what is too much. */
import { createGapWatch } from '../../src/core/timeline/gap-watch.js';
import { initialOpusClock, stepOpusClock } from '../../src/core/timeline/opus-clock.js';
import type { Logger } from '../../src/log-line.js';
import type { AudioTrack } from './audio-track.js';
import type { Concealment } from './concealment.js';
import { outputChannels, type Resampler } from './resampler.js';

export interface AudioAlignmentOptions {
  readonly track: AudioTrack;
  readonly resampler: Resampler;
  readonly concealment: Concealment;
  /** The track begins no earlier than here; 48 kHz. */
  readonly earliest48k: number;
  readonly onJump: () => void;
  readonly log: Logger;
}

/**
 * Gives the function that brings the track to the stamp of the frame that comes next, where need be. It answers how many
 * samples of that frame are to be left out for it: Infinity for all.
 */
export function createAudioAlignment(options: AudioAlignmentOptions): (mediaMs: number) => number {
  const { track, resampler, concealment, earliest48k, onJump, log } = options;
  const gaps = createGapWatch();
  let clock = initialOpusClock();

  const fill = (samples: number): void => {
    const missing = new Float32Array(samples * outputChannels);
    concealment.fill(missing);
    track.append(missing);
    onJump();
  };
  const jump = (mediaMs: number, samples: number): void => {
    log('info', 'audio.hole', { mediaMs: Math.round(mediaMs), holeMs: Math.round(samples / 48) });
    track.moveTo(Math.round(mediaMs * 48) - resampler.heldSamples());
    onJump();
  };

  return (mediaMs) => {
    if (track.end48k === null) track.moveTo(Math.max(Math.round(mediaMs * 48), earliest48k));
    const position48k = (track.end48k ?? 0) + resampler.heldSamples();
    const { state, action } = stepOpusClock(clock, mediaMs, position48k);
    clock = state;
    if (action.kind === 'jump' || action.kind === 'drop') {
      if (action.kind === 'jump') jump(mediaMs, action.samples);
      gaps.reset();
      return action.kind === 'drop' ? Number.POSITIVE_INFINITY : 0;
    }
    const gap = gaps.observe(mediaMs, mediaMs * 48 - position48k);
    if (gap > 0) fill(gap);
    if (gap !== 0) clock = initialOpusClock();
    else if (action.kind === 'correct') resampler.correct(action.samples, action.overSamples);
    return Math.max(0, -gap);
  };
}
