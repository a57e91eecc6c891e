/** Recordings of anybody's as inputs of the sweep: each .flv of the folder that SWEEP_FOLDER names (test/README.md, The sweep). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutFlv } from '../../support/source/flv-file.js';
import { input, type TagInput, trackOf } from './input.js';

/** A file of one picture lasts so long. */
const leastMs = 40;

export function readOwnInputs(folder: string): readonly TagInput[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.flv'))
    .map((file) => {
      const tags = cutFlv(readFileSync(join(folder, file)));
      const stamps = [...new Set(tags.map(({ timestampMs }) => timestampMs))].toSorted((one, other) => one - other);
      const [before = 0, last = 0] = stamps.slice(-2);
      const pictures = new Set(trackOf(tags, 'video').map(({ timestampMs }) => timestampMs)).size;
      const roundMs = last + Math.max(leastMs, last - before);
      return input(`own/${file}`, tags, {
        roundMs,
        // Those of a file need not be evenly apart.
        fps: pictures < 2 ? 0 : (pictures * 500) / roundMs,
        video: pictures > 0 ? 'either' : null,
        audio: trackOf(tags, 'audio').length > 0 ? 'either' : null,
        isTone: false,
      });
    });
}
