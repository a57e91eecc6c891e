/** Loads the configuration: defaults, overridden by the file, by that of an existing WCS, by environment variables, by flags. */
import { maskUri } from '../core/rtmp/url.js';
import { type CheckCommand, readCheckCommand } from './check-command.js';
import { checkSettings } from './checks.js';
import { type ClientCommand, readClientCommand } from './client-command.js';
import { type Environment, readEnvironment } from './environment.js';
import { readFile } from './file.js';
import { readFlags } from './flags.js';
import { helpText } from './help.js';
import { allowedAt, namesAt } from './keys.js';
import { isRecord, type Layered, layer, type Origin } from './layer.js';
import { nearest } from './nearest.js';
import { type Settings, settingsSchema } from './schema.js';
import { readTokenCommand, type TokenWish } from './token-command.js';
import { noWcsConf, readWcsConf } from './wcs-conf.js';

/** What the command line asks for: to run, to check or ask another server, or to print the versions or a text, and exit. */
export type Launch =
  | CheckCommand
  | { readonly kind: 'checkSource'; readonly uri: string; readonly settings: Settings }
  | (ClientCommand & { readonly settings: Settings })
  | { readonly kind: 'token'; readonly wish: TokenWish; readonly settings: Settings }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly settings: Settings;
      readonly warnings: readonly string[];
      readonly wcsReport: readonly string[];
    }
  | { readonly kind: 'print'; readonly text: string; readonly exitCode: 0 | 1 };

interface Installation {
  /** Read unless --config names another file; it may be missing. */
  readonly defaultFile: string;
  readonly version: string;
}

/** `argv`: without program and script. Never throws: all errors together are the text of a `print`, one per line. */
export function load(argv: readonly string[], env: Environment, installation: Installation): Launch {
  const command = readCommand(argv);
  if (command === null) return loadServer(argv, env, installation);
  if (command.kind === 'check' || command.kind === 'print') return command;
  const launch = loadServer(command.flags, env, installation);
  if (launch.kind !== 'run') return launch;
  const { settings } = launch;
  if (command.kind === 'token') return { kind: 'token', wish: command.wish, settings };
  return command.kind === 'checkSource'
    ? { kind: 'checkSource', uri: command.uri, settings }
    : { ...command, settings };
}

/** Null: it is none, but flags of the server; --help is one of them, with whatever command. */
function readCommand(argv: readonly string[]) {
  const [word, ...rest] = argv;
  if (rest.some((one) => one === '--help' || one === '-h')) return null;
  if (word === 'check') return readCheckCommand(rest);
  return word === 'token' ? readTokenCommand(rest) : readClientCommand(argv);
}

function loadServer(argv: readonly string[], env: Environment, { defaultFile, version }: Installation): Launch {
  const flags = readFlags(argv);
  if (flags.help) return { kind: 'print', text: helpText(version), exitCode: 0 };
  if (flags.version) return { kind: 'version' };
  const file = readFile(flags.configFile ?? defaultFile, flags.configFile !== null);
  const wcs = flags.wcsConf === null ? noWcsConf : readWcsConf(flags.wcsConf);
  const environment = readEnvironment(env);
  const checked = check(layer(file, [...wcs.overrides, ...environment.overrides, ...flags.overrides]));
  const errors = [...flags.errors, ...file.errors, ...wcs.errors, ...checked.errors];
  if (checked.settings === null || errors.length > 0) {
    const lines = errors.map((error) => `  ${error}`).join('\n');
    const what = flags.errors.length === errors.length ? 'command line' : 'configuration';
    return { kind: 'print', text: `The ${what} is not valid:\n${lines}\n`, exitCode: 1 };
  }
  if (flags.checkConfig) {
    const warnings = environment.warnings.map((warning) => `warning: ${warning}\n`);
    const report = wcs.report.map((line) => `${line}\n`);
    return { kind: 'print', text: `${[...warnings, ...report].join('')}configuration ok\n`, exitCode: 0 };
  }
  return { kind: 'run', settings: checked.settings, warnings: environment.warnings, wcsReport: wcs.report };
}

/** Either settings or errors. */
function check({ values, origin }: Layered): {
  readonly settings: Settings | null;
  readonly errors: readonly string[];
} {
  const parsed = settingsSchema.safeParse(values);
  if (!parsed.success) {
    const errors = parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => unknownKey(issue.path, name, origin))
        : [complaint(values, issue.path, allowedAt(issue.path) ?? issue.message, origin)],
    );
    return { settings: null, errors };
  }
  const errors = checkSettings(parsed.data).map(({ path, allowed }) => complaint(parsed.data, path, allowed, origin));
  return { settings: parsed.data, errors };
}

function unknownKey(path: readonly PropertyKey[], name: string, origin: Origin): string {
  const full = [...path, name];
  const similar = nearest(name, namesAt(path));
  return `${nameOf(full)} (${origin(full)}): there is no such key${similar === null ? '' : `; did you mean ${similar}?`}`;
}

function complaint(values: unknown, path: readonly PropertyKey[], allowed: string, origin: Origin): string {
  const value = path.reduce<unknown>(
    (at, step) => (Array.isArray(at) || isRecord(at) ? Reflect.get(at, step) : undefined),
    values,
  );
  const where = nameOf(path) === '' ? 'the file' : nameOf(path);
  return `${where} (${origin(path)}): ${shown(path, value)}; give ${allowed}`;
}

/** "streams[0].uri". */
const nameOf = (path: readonly PropertyKey[]): string =>
  path.map((step, n) => (typeof step === 'number' ? `[${step}]` : `${n === 0 ? '' : '.'}${String(step)}`)).join('');

/** The wrong value as text, without secrets. */
function shown(path: readonly PropertyKey[], value: unknown): string {
  if (value === undefined) return 'a value is missing';
  if (/apiKeys$|secrets?$|password$/i.test(String(path[1]))) return 'this value (not shown) is not allowed';
  if (typeof value === 'object' && value !== null)
    return `a ${Array.isArray(value) ? 'list' : 'mapping'} is not allowed`;
  return `${JSON.stringify(typeof value === 'string' ? maskUri(value) : value)} is not allowed`;
}
