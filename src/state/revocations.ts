/** The playback tokens that have been revoked, on disk, so that they stay so when the process is started again. */
import { z } from 'zod';
import type { Revocation } from '../core/guard/passes.js';
import { readThrown } from '../errors.js';
import type { Logger } from '../log-line.js';
import { readState, setAside, writeState } from './state-file.js';

const kept = z.object({ revoked: z.array(z.object({ id: z.string(), untilS: z.number() })) });

export interface KeptRevocations {
  readonly known: readonly Revocation[];
  keep(revoked: readonly Revocation[]): void;
}

/** `file`: empty: nothing is kept. */
export async function openRevocations(file: string, log: Logger): Promise<KeptRevocations> {
  if (file === '') return { known: [], keep: () => {} };
  let writing: Promise<void> = Promise.resolve();
  const note = (error: unknown): void =>
    log('error', 'playback.revocationsNotKept', { file, error: readThrown(error).message });
  return {
    known: await read(file).catch((error: unknown) => {
      note(error);
      return [];
    }),
    keep(revoked) {
      writing = writing.then(() => writeState(file, JSON.stringify({ revoked }))).catch(note);
    },
  };
}

/** A file that cannot be read is set aside. */
async function read(file: string): Promise<readonly Revocation[]> {
  const text = await readState(file);
  if (text === null) return [];
  try {
    return kept.parse(JSON.parse(text)).revoked;
  } catch (error) {
    await setAside(file, 'corrupt', Date.now());
    throw error;
  }
}
