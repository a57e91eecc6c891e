/** Inputs of the sweep in forms that few sources send: those that have found a fault, and some of the others, or all. */
import { makeEnhancedInputs } from './enhanced-inputs.js';
import type { TagInput } from './input.js';
import { makeOddAudioInputs } from './odd-audio-inputs.js';
import { makeOddChangeInputs } from './odd-change-inputs.js';
import { makeOddServerInputs } from './odd-server-inputs.js';
import { makeOddVideoInputs } from './odd-video-inputs.js';
import type { PlainMedia } from './plain-media.js';

/** Words of the names of those that have. */
const found =
  /no bytes|ids change|number 1$|tracks 2|and HEVC by turns|track 1 of|createStream answered (by|with a|without)|bytes behind it|^a command|90 kHz|microseconds|rate 15/;
/** All of them take more CPU than they have found faults. */
const oneOf = 4;

export async function makeOddInputs(media: PlainMedia, areAll: boolean): Promise<readonly TagInput[]> {
  const all = [
    ...makeEnhancedInputs(media),
    ...(await makeOddVideoInputs(media)),
    ...makeOddAudioInputs(media),
    ...makeOddServerInputs(media),
    ...makeOddChangeInputs(media),
  ];
  return all.filter(({ name }, n) => areAll || found.test(name) || n % oneOf === 0);
}
