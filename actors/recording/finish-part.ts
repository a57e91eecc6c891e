/** A part that is recorded becomes a file with its index in front, under its name, with a thumbnail beside it. Of the pool. */
import { linkSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileNameOf } from '../../src/core/recording/file-name.js';
import type { RecordingPart } from '../../src/core/recording/part.js';
import { readThrown, SluiceError } from '../../src/errors.js';
import type { NativeAv, NativeGuard } from '../media/native.js';
import { type Remuxed, remux } from '../media/remux.js';
import { encodeStill } from '../media/still.js';
import { mediaFile, partFile, thumbnailFile, workFolder } from './places.js';

const thumbnail = { format: 'jpeg', width: 320 } as const;
const maxNamesakes = 1000;

/** Error: internal when the media cannot be read; they stay where they are. */
export function finishPart(av: NativeAv, guard: NativeGuard, folder: string, part: RecordingPart): RecordingPart {
  const media = mediaFile(folder, part.partId);
  const made = join(workFolder(folder), `${part.partId}.finishing.mp4`);
  rmSync(made, { force: true });
  try {
    const remuxed = remux(av, guard, media, made);
    const { durationMs } = remuxed;
    const recorded: RecordingPart = { ...part, durationMs, state: 'recorded' };
    writeThumbnail(av, guard, thumbnailFile(folder, part.partId), remuxed);
    const sizeBytes = statSync(made).size;
    // Who is killed between the name and the words beside it leaves a file that nobody lists: nothing else is done in between.
    const fileName = giveName(folder, made, fileNameOf(recorded));
    const finished: RecordingPart = { ...recorded, state: 'finished', fileName, sizeBytes };
    const described = `${partFile(folder, part.partId)}.new`;
    writeFileSync(described, JSON.stringify(finished), { mode: 0o640 });
    renameSync(described, partFile(folder, part.partId));
    unlinkSync(media);
    return finished;
  } finally {
    rmSync(made, { force: true });
  }
}

/** A link, which fails where a file of this name is already: another one is taken then. Gives the name. */
function giveName(folder: string, made: string, wanted: string): string {
  const end = extname(wanted);
  for (let n = 1; n <= maxNamesakes; n += 1) {
    const name = n === 1 ? wanted : `${basename(wanted, end)}-${n}${end}`;
    try {
      linkSync(made, join(folder, name));
      return name;
    } catch (error) {
      if (readThrown(error).code !== 'EEXIST') throw error;
    }
  }
  throw new SluiceError('internal', `there are ${maxNamesakes} files of this name`);
}

/** One that cannot be made is not there. */
function writeThumbnail(av: NativeAv, guard: NativeGuard, path: string, { keyframe }: Remuxed): void {
  if (keyframe === null) return;
  try {
    writeFileSync(path, encodeStill(av, guard, keyframe, thumbnail), { mode: 0o640 });
  } catch {
    // A codec that FFmpeg does not decode here, or a keyframe that is damaged.
  }
}
