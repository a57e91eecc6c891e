/** The command line: --section.key=value (or --section.key value), --no-demo, --no-parent, --config, --check-config, --help, --version. */
import { parseArgs } from 'node:util';
import { type ConfigKey, configKeys } from './keys.js';
import { type Override, readText } from './layer.js';
import { nearest } from './nearest.js';

interface Flags {
  readonly help: boolean;
  readonly version: boolean;
  readonly checkConfig: boolean;
  /** The file that --config names; null: the default one. */
  readonly configFile: string | null;
  /** The folder that --wcs-conf names; null: none. */
  readonly wcsConf: string | null;
  readonly overrides: readonly Override[];
  readonly errors: readonly string[];
}

/** `no-parent` is the launcher's (src/launch/launch.cjs). */
const switches = ['help', 'version', 'check-config', 'no-demo', 'no-parent'] as const;
const shortSwitches: Readonly<Record<string, string>> = { h: 'help', v: 'version' };
const valued = ['config', 'wcs-conf', ...configKeys.map(({ path }) => path)];
const flagNames = [...switches, ...valued].map((name) => `--${name}`);
const commands = ['pull', 'status', 'drain', 'check', 'token'];

export function readFlags(argv: readonly string[]): Flags {
  const asked = new Set<string>();
  const overrides: Override[] = [];
  const errors: string[] = [];
  let configFile: string | null = null;
  let wcsConf: string | null = null;

  // Not strict: only the tokens of parseArgs are used; the error texts are ours.
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(valued.map((name) => [name, { type: 'string' as const }])),
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional')
      errors.push(unknown(`"${token.value}"`, 'a command or flag', commands, token.value));
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    const name = rawName.startsWith('--') ? token.name : (shortSwitches[token.name] ?? token.name);
    if (switches.some((one) => one === name)) {
      if (value !== undefined) errors.push(`${rawName} takes no value`);
      asked.add(name);
    } else if (!valued.includes(name)) {
      errors.push(unknown(rawName, 'a flag', flagNames, rawName));
    } else if (value === undefined || (token.inlineValue === false && value.startsWith('--'))) {
      errors.push(`${rawName} needs a value`);
    } else if (name === 'config') {
      configFile = value;
    } else if (name === 'wcs-conf') {
      wcsConf = value;
    } else {
      overrides.push(...override(name, value));
    }
  }
  if (asked.has('no-demo')) overrides.push(...override('demo.enabled', 'false', 'flag --no-demo'));
  return {
    help: asked.has('help'),
    version: asked.has('version'),
    checkConfig: asked.has('check-config'),
    configFile,
    wcsConf,
    overrides,
    errors,
  };
}

function override(path: string, text: string, from = `flag --${path}`): Override[] {
  return configKeys
    .filter((key: ConfigKey) => key.path === path)
    .map((key) => ({ key, value: readText(key, text), from }));
}

function unknown(shown: string, expected: string, known: readonly string[], word: string): string {
  const similar = nearest(word, known);
  return `${shown} is not ${expected}${similar === null ? '; see' : `; did you mean ${similar}? See`} --help`;
}
