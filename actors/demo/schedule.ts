/**
 * Which video and audio are due, as a camera would deliver them: frames lie on the grid of full seconds divided
 * by the frame rate, audio are complete when their last sample is over. A machine that was busy is caught up with
 * for a moment; beyond that the missed ones are left out, so that being late never makes later.
 */
import { audioRateHz } from './tone.js';

/** AAC-LC's frame. */
export const audioFrameSamples = 1024;
const maxFrameLateMs = 200;
const maxAudioLateMs = 500;
const samplesPerMs = audioRateHz / 1000;

export interface Schedule {
  /** Number of the next frame, counted from the epoch: it belongs to `frame * 1000 / fps` ms. */
  readonly frame: number;
  /** Number of the first sample of the next audio frame, counted from the epoch. */
  readonly sample: number;
}

export interface Due {
  readonly schedule: Schedule;
  /** Wall-clock ms of each due frame, whole milliseconds. */
  readonly framesMs: readonly number[];
  /** First sample of each due audio frame. */
  readonly samples: readonly number[];
}

export const startSchedule = (wallMs: number, fps: number): Schedule => ({
  frame: Math.ceil((wallMs * fps) / 1000),
  sample: Math.floor(wallMs * samplesPerMs),
});

export function takeDue(schedule: Schedule, wallMs: number, fps: number): Due {
  const newest = Math.floor((wallMs * fps) / 1000);
  const isFrameLate = ((newest - schedule.frame) * 1000) / fps > maxFrameLateMs;
  const firstFrame = isFrameLate ? newest : schedule.frame;
  const heard = Math.floor(wallMs * samplesPerMs);
  const isAudioLate = heard - schedule.sample > maxAudioLateMs * samplesPerMs;
  const firstSample = isAudioLate ? heard - audioFrameSamples : schedule.sample;
  const framesMs: number[] = [];
  const samples: number[] = [];
  let frame = firstFrame;
  for (; frame <= newest; frame += 1) framesMs.push(Math.round((frame * 1000) / fps));
  let sample = firstSample;
  for (; sample + audioFrameSamples <= heard; sample += audioFrameSamples) samples.push(sample);
  return { schedule: { frame, sample }, framesMs, samples };
}

/** When the next video or audio is due. */
export const nextDueMs = ({ frame, sample }: Schedule, fps: number): number =>
  Math.min((frame * 1000) / fps, (sample + audioFrameSamples) / samplesPerMs);
