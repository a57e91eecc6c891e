/** `sluice pull ADDRESS`, `sluice status` and `sluice drain`: what is asked of a server that runs. */
import { maskUri } from '../core/rtmp/url.js';
import { isSourceAddress, sourceSchemes } from '../core/source/schemes.js';
import { isServerUrl } from './server-url.js';
import { type UsageError, usageError } from './usage-error.js';

export type ClientCommand =
  | {
      readonly kind: 'pullSource';
      readonly uri: string;
      /** What viewers play it by. */
      readonly name: string;
      /** The page of the stream is opened in a browser. */
      readonly opens: boolean;
      readonly at: URL | null;
      readonly flags: readonly string[];
    }
  | { readonly kind: 'status'; readonly at: URL | null; readonly flags: readonly string[] }
  | {
      readonly kind: 'drain';
      /** For how long it may be taken back; null: as long as the server says. */
      readonly afterMs: number | null;
      /** A drain that was begun is taken back. */
      readonly isTakenBack: boolean;
      readonly at: URL | null;
      readonly flags: readonly string[];
    };

const usage = `Usage: sluice pull ADDRESS [--name NAME] [--open] [--at URL] [flags]
         has the running server pull ADDRESS, or starts one without the demo, and prints (or opens) the page where it plays.
         ADDRESS: ${sourceSchemes}
       sluice status [--at URL] [flags]
         shows versions, streams, viewers, how many more fit, and what is wrong.
       sluice drain [--after SECONDS | --back] [--at URL] [flags]
         the server takes nothing new, hands its streams over to the other nodes of its cluster, and ends; --back cancels that.
--at: the http(s) address of a server other than that of the configuration. SLUICE_API_KEY: the API key that it needs, if any.
`;
const refusal = (message: string): UsageError => usageError(message, usage);

/** Null for another command. `argv`: the whole command line. */
export function readClientCommand([command = '', ...argv]: readonly string[]): ClientCommand | UsageError | null {
  if (command !== 'pull' && command !== 'status' && command !== 'drain') return null;
  const words = argv.flatMap((word) => (/^--(after|at|name)=/.test(word) ? word.split(/=(.*)/s, 2) : [word]));
  const at = take(words, '--at', true);
  if (at === null) return refusal('--at needs the address of a server, such as http://127.0.0.1:8081');
  if (at !== undefined && !isServerUrl(at))
    return refusal(`--at "${maskUri(at)}" is not the address of a server; give one such as http://127.0.0.1:8081`);
  const known = { at: at === undefined ? null : new URL(at), flags: words };
  if (command === 'status') return { kind: 'status', ...known };
  if (command === 'drain') {
    const after = take(words, '--after', true);
    const isTakenBack = take(words, '--back', false) !== undefined;
    if (after === null || !/^\d{1,5}$/.test(after ?? '0'))
      return refusal('--after needs a whole number of seconds, at most 99999');
    if (isTakenBack && after !== undefined)
      return refusal('--after begins a drain and --back takes one back; give one of them');
    return { kind: 'drain', afterMs: after === undefined ? null : Number(after) * 1000, isTakenBack, ...known };
  }
  const name = take(words, '--name', true);
  const opens = take(words, '--open', false) !== undefined;
  const uri = words.shift() ?? '';
  if (name === null) return refusal('--name needs the name by which viewers are to play it');
  if (uri === '') return refusal('The address to pull is missing');
  if (!isSourceAddress(uri))
    return refusal(`"${maskUri(uri)}" is not the address of a source, which begins with ${sourceSchemes}`);
  return { kind: 'pullSource', uri, name: name ?? nameOf(uri), opens, ...known };
}

/** Takes a flag out of the words. Undefined: it is not there; null: its value is not. */
function take(words: string[], flag: string, hasValue: boolean): string | null | undefined {
  const at = words.indexOf(flag);
  if (at < 0) return undefined;
  const [, value] = words.splice(at, hasValue ? 2 : 1);
  return hasValue ? (value ?? null) : '';
}

/** The last part of its path; of a WCS the stream's name there, which stands behind `#`. */
function nameOf(uri: string): string {
  const [, inFragment] = /^wss?:[^#]*#(.+)$/i.exec(uri) ?? [];
  const path = uri
    .replace(/[?#].*$/s, '')
    .split('/')
    .filter(Boolean);
  return inFragment ?? path.at(-1) ?? 'stream';
}
