/** The address of a Redis or Valkey, as IANA has the schemes: redis://[user:password@]host[:port][/database], rediss:// by TLS. */

export interface RedisAddress {
  readonly isTls: boolean;
  /** An IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  /** Empty: that of Redis itself, `default`. */
  readonly user: string;
  /** Empty: none. */
  readonly password: string;
  readonly database: number;
}

const defaultPort = 6379;

/** Null: it is none. It throws nothing, since an error of Node would quote it with its password. */
export function parseRedisUrl(text: string): RedisAddress | null {
  if (!/^rediss?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const [, database] = /^\/?(\d{0,5})$/.exec(pathname) ?? [];
  const [user, secret] = [decoded(username), decoded(password)];
  if (hostname === '' || port === '0' || database === undefined || search !== '' || hash !== '') return null;
  if (user === null || secret === null) return null;
  return {
    isTls: protocol === 'rediss:',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? defaultPort : Number(port),
    user,
    password: secret,
    database: Number(database),
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
