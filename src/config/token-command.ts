/** `sluice token --stream NAME [--expires 1h] [--viewers N] [--once] [--recordings] [--subject WHO] [--url https://…]`. */

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
  | { readonly kind: 'token'; readonly wish: TokenWish; readonly flags: readonly string[] }
  | { readonly kind: 'print'; readonly text: string; readonly exitCode: 1 };

const usage = `Usage: sluice token --stream NAME [--stream PATTERN…] [--expires 90s|30m|1h|7d] [--viewers N] [--once] [--recordings]
                    [--subject WHO] [--url https://HOST] [flags of the configuration]
It signs with the first of playback.secrets, and prints the token, or with --url addresses to play by.
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
  const isGood =
    streams.length > 0 &&
    streams.every((name) => name !== '') &&
    expiresInS > 0 &&
    (viewers === undefined || /^[1-9]\d{0,6}$/.test(viewers)) &&
    (url === undefined || (/^https?:\/\//.test(url) && URL.canParse(url)));
  if (!isGood) return { kind: 'print', text: usage, exitCode: 1 };
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
