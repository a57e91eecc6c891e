/** Settings from environment variables: SLUICE_ and the path of the key in upper case, with _ between words. */
import { configKeys } from './keys.js';
import { type Override, readText } from './layer.js';
import { nearest } from './nearest.js';

const prefix = 'SLUICE_';
/** For the tests of this repository. */
const testPrefix = 'SLUICE_TEST_';
/** Of who asks another server (src/cli). */
const clientVariable = 'SLUICE_API_KEY';

export type Environment = Readonly<Record<string, string | undefined>>;

interface EnvironmentSettings {
  readonly overrides: readonly Override[];
  /** A sentence for each variable with our prefix that names no key. */
  readonly warnings: readonly string[];
}

export function readEnvironment(env: Environment): EnvironmentSettings {
  const known = new Map(configKeys.map((key) => [key.variable, key]));
  const overrides: Override[] = [];
  const warnings: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith(prefix)) continue;
    if (name.startsWith(testPrefix) || name === clientVariable) continue;
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
