/**
 * What a playback token allows (docs/access.md): a JSON Web Token (RFC 7519) whose signature somebody else has checked. Of the
 * registered claims `exp` must be there, and `jti` and `sub` are read; `stream`, `maxViewers`, `once` and `recordings` are ours.
 */
export interface PlaybackClaims {
  /** For revocation. */
  readonly id: string;
  readonly subject: string | null;
  /** Names and patterns. */
  readonly streams: readonly string[];
  /** Seconds since 1970: nobody is let in later. */
  readonly expiresS: number;
  /** At the same time; null: as many as the server takes. */
  readonly maxViewers: number | null;
  /** It lets in a single time. */
  readonly isOnce: boolean;
  readonly hasRecordings: boolean;
}

const maxPatterns = 64;
const maxChars = 2048;
const maxIdChars = 128;

/** `tokenId`: of a token without `jti`. Gives in words what is wrong, where something is. */
export function readClaims(payload: Readonly<Record<string, unknown>>, tokenId: string): PlaybackClaims | string {
  const { exp, jti, sub, stream, maxViewers = null, once = false, recordings = false } = payload;
  if (typeof exp !== 'number') return 'exp: it never expires';
  const streams = Array.isArray(stream) ? stream : [stream];
  const areTexts = streams.every((one) => typeof one === 'string' && one !== '' && one.length <= maxChars);
  if (!areTexts || streams.length === 0 || streams.length > maxPatterns) return 'stream: it names none';
  if (jti !== undefined && !isId(jti)) return 'jti: it is no short text';
  if (sub !== undefined && !isId(sub)) return 'sub: it is no short text';
  const isLimit = typeof maxViewers === 'number' && Number.isInteger(maxViewers) && maxViewers >= 1;
  if (maxViewers !== null && !isLimit) return 'maxViewers: it is no whole number from 1 on';
  if (typeof once !== 'boolean') return 'once: it is neither true nor false';
  if (typeof recordings !== 'boolean') return 'recordings: it is neither true nor false';
  return {
    id: jti ?? tokenId,
    subject: sub ?? null,
    streams: streams.map(String),
    expiresS: exp,
    maxViewers: isLimit ? maxViewers : null,
    isOnce: once,
    hasRecordings: recordings,
  };
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= maxIdChars;

/** Of a source of whatever kind, as viewers name one to have it pulled. */
const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * `*` in a pattern is any characters. An address, which would be pulled for its viewer, is only meant by a pattern that begins
 * like one.
 */
export function allowsStream({ streams }: Pick<PlaybackClaims, 'streams'>, name: string): boolean {
  return streams.some((pattern) => isAddress(pattern) === isAddress(name) && matches(pattern, name));
}

/** By its parts in order: a regular expression could take its time. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
