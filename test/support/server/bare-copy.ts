import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The scope of the packages that hold FFmpeg's binaries. */
const ffmpegScope = '@seydx';

export interface BareCopy {
  readonly folder: string;
  remove(): void;
}

/** The built server in a folder of its own, with these parts of the build and without this scope of packages. */
function copyBuilt(parts: readonly string[], withoutScope: string | null): BareCopy {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bare-'));
  for (const part of [...parts, 'config']) cpSync(part, join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync('node_modules')) {
    if (name === withoutScope) continue;
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** As it stands where npm found no binary of FFmpeg for the machine (optional dependencies may be missing). */
export const copyWithoutFfmpeg = (): BareCopy => copyBuilt(['.build/dist', '.build/native'], ffmpegScope);

/** As it stands where there was no C compiler. */
export const copyWithoutAddOns = (): BareCopy => copyBuilt(['.build/dist'], null);
