/** Loads the optional add-ons in C. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The bundles, the tests' files and the add-ons all lie below this folder. */
const buildFolder = '/.build/';

/** The exports of the add-on; null where it was not built: no compiler, or another platform. */
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
