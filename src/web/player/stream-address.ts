/** What `src` names: a stream by its name, or a WHEP endpoint, or a page of a Sluice server. */

/** Of the server that this script came from, for names alone. */
const server = new URL('.', import.meta.url);

interface StreamAddress {
  /** For people. */
  readonly name: string;
  readonly endpoint: URL;
  /** A picture of the stream, where the server is Sluice. */
  readonly poster: URL;
}

/**
 * `src`: "camera1", an rtmp:// address, or an http(s) address of /whep/…, /play/… or /embed/…. `base`: that of the page. Null
 * for an empty one, or what is no address.
 */
export function readAddress(src: string, base: string): StreamAddress | null {
  const text = src.trim();
  if (text === '') return null;
  const url = /^https?:|^\.{0,2}\//i.test(text) && URL.canParse(text, base) ? new URL(text, base) : null;
  if (url === null) return addressOf(server, text, '');
  const [, root = '', encoded = ''] = /^(.*\/)(?:whep|play|embed)\/([^/].*)$/.exec(url.pathname) ?? [];
  // An endpoint of another server's may have any path.
  if (encoded === '') return { name: url.pathname, endpoint: url, poster: new URL('poster', url) };
  return addressOf(new URL(root, url), decodeURIComponent(encoded), url.search);
}

/** Where a Sluice has the stream of a WHEP endpoint in another way; null: the endpoint is not of its form. */
export function besideWhep(endpoint: URL, way: 'mse' | 'hls'): URL | null {
  const [, root = '', name = ''] = /^(.*?\/)whep\/(.+)$/.exec(endpoint.pathname) ?? [];
  return name === '' ? null : new URL(`${root}${way}/${encodeURIComponent(decodeURIComponent(name))}`, endpoint);
}

function addressOf(root: URL, name: string, search: string): StreamAddress {
  const encoded = encodeURIComponent(name);
  return {
    name: /^rtmps?:/i.test(name) ? 'Live stream' : name,
    endpoint: new URL(`whep/${encoded}${search}`, root),
    poster: new URL(`poster/${encoded}`, root),
  };
}
