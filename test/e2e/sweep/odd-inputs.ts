/** Inputs of the sweep in forms that few sources send: those that have found a fault, and some of the others, or all. */
import { listClockInputs } from './clock-inputs.js';
import { makeEnhancedInputs } from './enhanced-inputs.js';
import type { TagInput } from './input.js';
import { makeOddAudioInputs } from './odd-audio-inputs.js';
import { makeOddChangeInputs } from './odd-change-inputs.js';
import { listOddCodingInputs } from './odd-coding-inputs.js';
import { listOddRecordInputs } from './odd-record-inputs.js';
import { makeOddServerInputs } from './odd-server-inputs.js';
import { listOddSoundInputs } from './odd-sound-inputs.js';
import { makeOddVideoInputs } from './odd-video-inputs.js';
import { listOddWireInputs } from './odd-wire-inputs.js';
import type { PlainMedia } from './plain-media.js';

/** Words of the names of those that have. */
const found =
  /no bytes|ids change|number 1$|tracks 2|and HEVC by turns|track 1 of|createStream answered (by|with a|without)|bytes behind it|^a command|90 kHz|microseconds|rate 15|^stamps at (twice the speed$|half the speed, timed)|^stamps of audio (as of|at half)|^video alone, stamps at twice|^(half|twice) the pace$|run backwards|another order|of version 0|reset, stopped/;
/** All of them take more CPU than they have found faults. */
const oneOf = { made: 4, lazy: 10 } as const;

/** `wanted`: words in the names of those that are to be played; null: the usual ones. */
export async function makeOddInputs(media: PlainMedia, wanted: RegExp | null): Promise<readonly TagInput[]> {
  const isPlayed =
    (count: number) =>
    ({ name }: { readonly name: string }, n: number): boolean =>
      wanted === null ? found.test(name) || n % count === 0 : wanted.test(name);
  const all = [
    ...makeEnhancedInputs(media),
    ...(await makeOddVideoInputs(media)),
    ...makeOddAudioInputs(media),
    ...makeOddServerInputs(media),
    ...makeOddChangeInputs(media),
  ];
  const lazy = [
    ...listClockInputs(media),
    ...listOddRecordInputs(media),
    ...listOddCodingInputs(media),
    ...listOddSoundInputs(media),
    ...listOddWireInputs(media),
  ];
  const made: TagInput[] = [];
  for (const { make } of lazy.filter(isPlayed(oneOf.lazy))) made.push(await make());
  return [...all.filter(isPlayed(oneOf.made)), ...made];
}
