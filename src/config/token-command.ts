/** `sluice token --stream NAME [--expires 1h] [--viewers N] [--once] [--recordings] [--subject WHO] [--url https://…]`. */

import { isServerUrl } from './server-url.js';
import { type UsageError, usageError } from './usage-error.js';

export interface TokenWish {
  readonly streams: readonly string[];
  readonly expiresInS: number;
  readonly maxViewers: number | undefined;
  readonly once: boolean;
  readonly recordings: boolean;
  readonly subject: string | undefined;
  /** Of the server, for addresses with the token in them; null: the token alone is wanted. */
  readonly url: URL | null;
}

type TokenCommand =
  /** `flags`: of the configuration, as for the server. */
  { readonly kind: 'token'; readonly wish: TokenWish; readonly flags: readonly string[] } | UsageError;

const usage = `Usage: sluice token --stream NAME [--stream PATTERN…] [--expires 90s|30m|1h|7d] [--viewers N] [--once] [--recordings]
                    [--subject WHO] [--url https://HOST] [flags of the configuration]
It signs with the first of playback.secrets, and prints the token or, with --url, addresses to play at.
`;

const unitsS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const valued = ['stream', 'expires', 'viewers', 'subject', 'url'];
const switches = ['once', 'recordings'];

/** `argv`: what follows the word "token". */
export function readTokenCommand(argv: readonly string[]): TokenCommand {
  const { given, flags } = sortOut(argv);
  const last = (name: string): string | undefined => given.get(name)?.at(-1);
  const [, count = '', unit = ''] = /^(\d{1,8})([smhd])$/.exec(last('expires') ?? '1h') ?? [];
  const expiresInS = Number(count) * (unitsS[unit] ?? 0);
  const viewers = last('viewers');
  const url = last('url');
  const streams = given.get('stream') ?? [];
  const faults: readonly (readonly [boolean, string])[] = [
    [streams.length === 0, '--stream NAME is missing: it names what may be played'],
    [streams.includes(''), '--stream needs the name of a stream, or a pattern such as "cam-*"'],
    [expiresInS === 0, '--expires needs a time from now on, such as 90s, 30m, 1h or 7d'],
    [
      viewers !== undefined && !/^[1-9]\d{0,6}$/.test(viewers),
      '--viewers needs how many may play by it at a time, 1 or more',
    ],
    [url !== undefined && !isServerUrl(url), '--url needs the address of the server, such as https://play.example.org'],
  ];
  const [, fault] = faults.find(([isWrong]) => isWrong) ?? [];
  if (fault !== undefined) return usageError(fault, usage);
  const wish: TokenWish = {
    streams,
    expiresInS,
    maxViewers: viewers === undefined ? undefined : Number(viewers),
    once: given.has('once'),
    recordings: given.has('recordings'),
    subject: last('subject'),
    url: url === undefined ? null : new URL(url),
  };
  return { kind: 'token', wish, flags };
}

/** Its own words, by name, and all others. */
function sortOut(argv: readonly string[]) {
  const given = new Map<string, string[]>();
  const flags: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, name = '', inline] = /^--([a-z]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (switches.includes(name)) given.set(name, []);
    else if (valued.includes(name)) given.set(name, [...(given.get(name) ?? []), inline ?? words.shift() ?? '']);
    else flags.push(word);
  }
  return { given, flags };
}
