/** The recordings of test/fixtures/field as inputs of the sweep. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutFlv, type FlvTag } from '../../support/source/flv-file.js';
import { input, type TagInput } from './input.js';

interface Case {
  readonly fps: number;
  /** What comes before it is left out. */
  readonly fromMs?: number;
  readonly width?: number;
}

const cases: Readonly<Record<string, Case>> = {
  'aac-bunch10': { fps: 25 },
  annexb: { fps: 25 },
  'gdr-late': { fps: 25, fromMs: 2000 },
  // More than a busy machine can encode again: that it is seen at all.
  longgop60: { fps: 0, width: 320 },
  noheader: { fps: 25 },
  slow6: { fps: 0 },
  'split-slices': { fps: 25 },
};

function read(name: string, fromMs: number): { readonly tags: readonly FlvTag[]; readonly roundMs: number } {
  const all = cutFlv(readFileSync(join('test/fixtures/field', `${name}.flv`)));
  const isHeader = ({ timestampMs }: FlvTag): boolean => timestampMs === 0;
  const tags = all
    .filter((tag) => isHeader(tag) || tag.timestampMs >= fromMs)
    .map((tag) => (isHeader(tag) ? tag : { ...tag, timestampMs: tag.timestampMs - fromMs }));
  const stamps = new Set(tags.filter(({ track }) => track === 'video').map(({ timestampMs }) => timestampMs));
  const [before = 0, last = 0] = [...stamps].slice(-2);
  return { tags, roundMs: last + last - before };
}

export const makeCaseInputs = (): readonly TagInput[] =>
  Object.entries(cases).map(([name, { fps, fromMs = 0, width = null }]) => {
    const { tags, roundMs } = read(name, fromMs);
    return input(name, tags, { roundMs, fps, width, isTone: false });
  });
