/**
 * The demo's audio: a low tone of 440 Hz, and 1 kHz for 100 ms from every full second on. Both repeat with the second,
 * so one second of it is made once. Samples are counted from the epoch: number `wallMs * 48`.
 */
import { flashMs } from './test-pattern.js';

export const audioRateHz = 48_000;
const backgroundHz = 440;
const backgroundLevel = 0.05;
const beepHz = 1000;
const beepLevel = 0.4;

const second = Float32Array.from({ length: audioRateHz }, (_, n) => {
  const turns = (2 * Math.PI * n) / audioRateHz;
  const beep = n < (flashMs * audioRateHz) / 1000 ? beepLevel * Math.sin(turns * beepHz) : 0;
  return backgroundLevel * Math.sin(turns * backgroundHz) + beep;
});

/** Fills `pcm` with the samples that follow number `firstSample`. */
export function fillTone(pcm: Float32Array, firstSample: number): void {
  for (let filled = 0; filled < pcm.length; ) {
    const from = (firstSample + filled) % audioRateHz;
    const part = second.subarray(from, from + pcm.length - filled);
    pcm.set(part, filled);
    filled += part.length;
  }
}
