/** What `src` names: a stream by its name, or a WHEP endpoint, or a page of a Sluice server. */

/** Of the server that this script came from, for names alone. */
const server = new URL('.', import.meta.url);

interface StreamAddress {
  /** For people. */
  readonly name: string;
  readonly endpoint: URL;
  /** Of further servers, which have the stream under the same name. */
  readonly others: readonly URL[];
  /** A picture of the stream, where the server is Sluice. */
  readonly poster: URL;
}

/**
 * `src`: "camera1", an rtmp:// address, or an http(s) address of /whep/…, /play/… or /embed/…. `servers`: where it is available:
 * in place of the server of this script, or of an http(s) address when that one does not answer. `base`: that of the page. Null for
 * an empty one, or what is no address.
 */
export function readAddress(src: string, servers: string, base: string): StreamAddress | null {
  const text = src.trim();
  if (text === '') return null;
  const url = /^https?:|^\.{0,2}\//i.test(text) && URL.canParse(text, base) ? new URL(text, base) : null;
  const roots = servers
    .split(/[\s,]+/)
    .filter((one) => one !== '' && URL.canParse(one, base))
    .map((one) => new URL(one.replace(/\/?$/, '/'), base));
  if (url === null) return addressOf(roots.length === 0 ? [server] : roots, text, '');
  const [, root = '', encoded = ''] = /^(.*\/)(?:whep|play|embed)\/([^/].*)$/.exec(url.pathname) ?? [];
  // An endpoint of another server's may have any path.
  if (encoded === '') return { name: url.pathname, endpoint: url, others: [], poster: new URL('poster', url) };
  const own = new URL(root, url);
  const further = roots.filter(({ href }) => href !== own.href);
  return addressOf([own, ...further], decodeURIComponent(encoded), url.search);
}

/** Where a Sluice has the stream of a WHEP endpoint in another way; null: the endpoint is not of its form. */
export function besideWhep(endpoint: URL, way: 'mse' | 'hls'): URL | null {
  const [, root = '', name = ''] = /^(.*?\/)whep\/(.+)$/.exec(endpoint.pathname) ?? [];
  return name === '' ? null : new URL(`${root}${way}/${encodeURIComponent(decodeURIComponent(name))}`, endpoint);
}

function addressOf([root = server, ...others]: readonly URL[], name: string, search: string): StreamAddress {
  const encoded = encodeURIComponent(name);
  const path = `whep/${encoded}${search}`;
  return {
    name: /^rtmps?:/i.test(name) ? 'Live stream' : name,
    endpoint: new URL(path, root),
    others: others.map((other) => new URL(path, other)),
    poster: new URL(`poster/${encoded}`, root),
  };
}
