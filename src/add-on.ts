/** The add-ons in C, where the build has made them: each is something that Sluice can do without. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Both trees that are built, for running and for tests, lie below this folder, and the add-ons beside them. */
const buildFolder = '/.build/';

/** What the add-on exports; null where it was not built: no compiler, or another platform. */
export function loadAddOn<Exports>(name: 'fanout' | 'threads'): Exports | null {
  const here = fileURLToPath(import.meta.url);
  const at = here.lastIndexOf(buildFolder);
  if (at < 0) return null;
  const file = `${here.slice(0, at)}${buildFolder}native/${process.platform}-${process.arch}/${name}.node`;
  try {
    const exports: Exports = createRequire(import.meta.url)(file);
    return exports;
  } catch {
    return null;
  }
}
