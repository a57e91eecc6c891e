import fc from 'fast-check';
import { readCorpus } from './corpus.js';
import { judge } from './judge.js';
import { mutated } from './mutation.js';
import type { FuzzTarget } from './targets/target.js';

export interface Finding {
  readonly seed: number;
  readonly error: string;
  /** As small as it could be made. */
  readonly bytes: Uint8Array;
}

export interface Campaign {
  readonly runs: number;
  readonly finding: Finding | null;
}

export interface CampaignOptions {
  readonly name: string;
  readonly target: FuzzTarget;
  readonly timeMs: number;
  readonly seed: number;
}

const aLot = 2 ** 31 - 1;

/** Inputs at random until the time is over or one is a finding. */
export function runCampaign({ name, target, timeMs, seed }: CampaignOptions): Campaign {
  const corpus = readCorpus(name).map(({ bytes }) => bytes);
  const inputs = fc.oneof(
    { weight: 6, arbitrary: mutated(corpus, target.words) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    ...(target.structured === undefined
      ? []
      : [
          { weight: 2, arbitrary: target.structured },
          { weight: 3, arbitrary: target.structured.chain((bytes) => mutated([bytes], target.words)) },
        ]),
  );
  const property = fc.property(inputs, (bytes) => judge(target, bytes));
  const { counterexample, errorInstance, numRuns } = fc.check(property, {
    seed,
    numRuns: aLot,
    interruptAfterTimeLimit: timeMs,
  });
  if (counterexample === null) return { runs: numRuns, finding: null };
  const error = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return { runs: numRuns, finding: { seed, error, bytes: counterexample[0] } };
}
