/** Where a recording's files lie. Working files are named by a UUID of ours, and lie apart from finished recordings. */
import { join } from 'node:path';

export const workFolder = (folder: string): string => join(folder, '.sluice');
/** Fragments, while and after they are recorded, until the part is finished. */
export const mediaFile = (folder: string, partId: string): string => join(workFolder(folder), `${partId}.mp4`);
/** What is known of the part (RecordingPart). */
export const partFile = (folder: string, partId: string): string => join(workFolder(folder), `${partId}.json`);
export const thumbnailFile = (folder: string, partId: string): string => join(workFolder(folder), `${partId}.jpg`);
