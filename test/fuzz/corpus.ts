import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'test/fuzz/corpus';

export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The samples of a target, in the order of their names. */
export function readCorpus(target: string): readonly Sample[] {
  const path = join(folder, target);
  if (!existsSync(path)) return [];
  const names = readdirSync(path).sort();
  return names.map((name) => ({ name, bytes: Uint8Array.from(readFileSync(join(path, name))) }));
}

/** Gives the file's path. */
export function addSample(target: string, { name, bytes }: Sample): string {
  const path = join(folder, target);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, name), bytes);
  return join(path, name);
}

/** Removes all but what the fuzzer found. */
export function forgetMade(): void {
  for (const target of readdirSync(folder)) {
    for (const name of readdirSync(join(folder, target))) {
      if (!name.startsWith('crash-')) rmSync(join(folder, target, name));
    }
  }
}
