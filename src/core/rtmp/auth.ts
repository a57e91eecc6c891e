/**
 * Authentication in `connect`, which no specification names: the server refuses, the player connects again with what the
 * refusal asked for in the query of its application. Two schemes, each in two steps: `authmod=adobe` (Adobe, Wowza,
 * mediamtx) and `authmod=llnw` (Limelight, a digest as in RFC 2617). Seen in ffmpeg and librtmp.
 */
import { createHash } from 'node:crypto';

export interface AuthInput {
  /** What the server's refusal says. */
  readonly description: string;
  readonly user: string | null;
  readonly password: string | null;
  /** As in the address, without what earlier steps added. */
  readonly app: string;
  /** 8 hexadecimal digits, new for every connection. */
  readonly clientNonce: string;
  /** True when this connection has sent a response already: it was refused then. */
  readonly hasResponded: boolean;
}

export type AuthStep =
  /** The refusal is about something else. */
  | { readonly kind: 'none' }
  /** Connect again with this at the end of app and tcUrl. */
  | { readonly kind: 'again'; readonly query: string; readonly hasResponded: boolean }
  /** In words without any secret. */
  | { readonly kind: 'refused'; readonly detail: string };

const maxFieldLength = 512;

export function answerChallenge(input: AuthInput): AuthStep {
  const { description, user } = input;
  const mode = /authmod=(adobe|llnw)/.exec(description)?.[1];
  const reason = /\?reason=(\w+)/.exec(description)?.[1];
  if (reason === 'authfailed' || reason === 'authfail') return refused('it refused the user or the password');
  if (reason === 'nosuchuser') return refused('it does not know the user');
  if (mode === undefined) return { kind: 'none' };
  if (user === null || user === '') return refused('it asks for credentials, and the address holds none');
  if (input.hasResponded) return refused('it refused the user or the password');
  const head = `authmod=${mode}&user=${encodeURIComponent(user)}`;
  if (/code=403 need auth/.test(description)) return { kind: 'again', query: head, hasResponded: false };
  if (reason !== 'needauth') return refused('it asks for credentials in a way that is not known');
  const fields = readFields(description.slice(description.indexOf('?reason=') + 1));
  const answer = mode === 'adobe' ? answerAdobe(input, user, fields) : answerLimelight(input, user, fields);
  return { kind: 'again', query: `${head}&${answer}`, hasResponded: true };
}

type Fields = ReadonlyMap<string, string>;

/** Base64 has `=` and `+` in it: so the text is cut at the first `=` only, and nothing is decoded. */
function readFields(text: string): Fields {
  const fields = new Map<string, string>();
  for (const field of text.trim().split('&', 16)) {
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1, equals + 1 + maxFieldLength));
  }
  return fields;
}

function answerAdobe({ password, clientNonce }: AuthInput, user: string, fields: Fields): string {
  const opaque = fields.get('opaque') ?? '';
  const key = md5(`${user}${fields.get('salt') ?? ''}${password ?? ''}`, 'base64');
  const asked = opaque === '' ? (fields.get('challenge') ?? '') : opaque;
  const response = md5(`${key}${asked}${clientNonce}`, 'base64');
  const answer = `challenge=${clientNonce}&response=${response}`;
  return opaque === '' ? answer : `${answer}&opaque=${opaque}`;
}

function answerLimelight({ password, clientNonce, app }: AuthInput, user: string, fields: Fields): string {
  const nonce = fields.get('nonce') ?? '';
  const count = '00000001';
  const path = app.replace(/\?.*$/s, '');
  const instance = path.includes('/') ? path : `${path}/_definst_`;
  const key = md5(`${user}:live:${password ?? ''}`, 'hex');
  // The method is "publish" for players too: so ffmpeg and librtmp send it.
  const request = md5(`publish:/${instance}`, 'hex');
  const response = md5(`${key}:${nonce}:${count}:${clientNonce}:auth:${request}`, 'hex');
  return `nonce=${nonce}&cnonce=${clientNonce}&nc=${count}&response=${response}`;
}

function md5(text: string, encoding: 'base64' | 'hex'): string {
  return createHash('md5').update(text).digest(encoding);
}

function refused(detail: string): AuthStep {
  return { kind: 'refused', detail };
}
