/** Which pages may use the server from a browser: those of the very host and port that they call, and those listed. */
export interface PageOrigins {
  /** Of those listed, in lower case, without port. */
  readonly hosts: ReadonlySet<string>;
  /** `origin`, `host`: the headers of the request. True without an origin: no page of another host asks. */
  allows(origin: string, host: string): boolean;
}

/** `listed`: "https://studio.example". */
export function createPageOrigins(listed: readonly string[]): PageOrigins {
  const origins = new Set(listed.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  return {
    hosts: new Set([...origins].map((origin) => hostName(authorityOf(origin)))),
    /** A page of another port is of another origin (RFC 6454 5): any user of the machine may have opened it. */
    allows(given, host) {
      const origin = given.toLowerCase();
      if (origin === '' || origins.has(origin)) return true;
      const scheme = /^https?:(?=\/\/[^/]+$)/.exec(origin)?.[0];
      if (scheme === undefined) return false;
      return withoutDefaultPort(scheme, authorityOf(origin)) === withoutDefaultPort(scheme, host);
    },
  };
}

/** "host:port" of an origin. */
const authorityOf = (origin: string): string => origin.replace(/^https?:\/\//, '');

const withoutDefaultPort = (scheme: string, authority: string): string =>
  authority.toLowerCase().replace(scheme === 'http:' ? /:80$/ : /:443$/, '');

/** The name of a Host header: lower case, without port and without the brackets of IPv6. */
export function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}
