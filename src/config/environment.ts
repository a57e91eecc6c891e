/** Settings out of environment variables: SLUICE_ and the key's path in upper case with _ between words. */
import { configKeys } from './keys.js';
import { type Override, readText } from './layer.js';
import { nearest } from './nearest.js';

const prefix = 'SLUICE_';
/** Read by the tests of this repository. */
const testPrefix = 'SLUICE_TEST_';

export type Environment = Readonly<Record<string, string | undefined>>;

interface EnvironmentSettings {
  readonly overrides: readonly Override[];
  /** One sentence for each variable that looks like ours and is not. */
  readonly warnings: readonly string[];
}

export function readEnvironment(env: Environment): EnvironmentSettings {
  const known = new Map(configKeys.map((key) => [key.variable, key]));
  const overrides: Override[] = [];
  const warnings: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith(prefix) || name.startsWith(testPrefix)) continue;
    const key = known.get(name);
    if (key !== undefined) {
      overrides.push({ key, value: readText(key, text), from: `variable ${name}` });
      continue;
    }
    const similar = nearest(name, [...known.keys()]);
    warnings.push(`${name} names no key${similar === null ? '' : `; did you mean ${similar}?`}`);
  }
  return { overrides, warnings };
}
