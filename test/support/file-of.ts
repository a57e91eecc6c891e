import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file of this text, up to the end of the test. */
export function writeFileOf(t: { after(end: () => void): void }, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, text);
  return file;
}
