import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The scope of the packages that hold FFmpeg's binaries. */
const ffmpegScope = '@seydx';

/**
 * The built server as it stands where npm found no binary of FFmpeg for the machine (optional dependencies may be missing).
 * Gives its folder.
 */
export function copyWithoutFfmpeg(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bare-'));
  for (const part of ['.build/dist', '.build/native', 'config']) cpSync(part, join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync('node_modules')) {
    if (name === ffmpegScope) continue;
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
