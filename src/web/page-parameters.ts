/** The parameters that WCS's player pages have in their address: streamName, urlServer, mediaProviders, autoplay, resolution; and ours, token. */

interface PageParameters {
  /** Empty when the address names none. */
  readonly streamName: string;
  readonly autoplay: boolean;
  /** Of the stream with this name, at the server that the page plays from. */
  readonly endpoint: (streamName: string, protocol?: 'whep' | 'mse') => URL;
}

/**
 * `urlServer` is the address of WCS's signalling. Any port of this host is this server; another host is played from by its
 * own endpoint, which the page's Content-Security-Policy allows where server.playerServers lists it.
 */
export function readParameters({ search, hostname, href }: Location): PageParameters {
  const query = new URLSearchParams(search);
  const server = readServer(query.get('urlServer'));
  const token = query.get('token');
  const isElsewhere = server !== null && server.hostname !== hostname;
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/i.exec(query.get('resolution') ?? '') ?? [];
  return {
    streamName: query.get('streamName') ?? '',
    autoplay: /^(true|1)$/i.test(query.get('autoplay') ?? ''),
    endpoint(streamName, protocol = 'whep') {
      const url = new URL(`${protocol}/${encodeURIComponent(streamName)}`, isElsewhere ? server : href);
      if (width !== undefined && height !== undefined) url.search = `${new URLSearchParams({ width, height })}`;
      if (token !== null) url.searchParams.set('token', token);
      return url;
    },
  };
}

type Provider = 'WebRTC' | 'MSE';

const available: Readonly<Record<Provider, () => boolean>> = {
  WebRTC: () => 'RTCPeerConnection' in window,
  MSE: () => 'MediaSource' in window || 'ManagedMediaSource' in window,
};

/** As WCS's pages choose: the first of `mediaProviders` that this browser has; null: it has none of them. */
export function chooseProvider({ search }: Location): Provider | null {
  const named = (new URLSearchParams(search).get('mediaProviders') || 'WebRTC,MSE').split(',');
  const isNamed = (provider: string): provider is Provider => provider === 'WebRTC' || provider === 'MSE';
  return named.filter(isNamed).find((provider) => available[provider]()) ?? null;
}

/** As http(s); null for anything but a ws:// or wss:// address. */
function readServer(urlServer: string | null): URL | null {
  if (urlServer === null || !/^wss?:/i.test(urlServer)) return null;
  try {
    const url = new URL(urlServer.replace(/^ws/i, 'http'));
    return new URL(url.origin);
  } catch {
    return null;
  }
}

/** Calls back when the page's own policy forbids the server that it was to play from. */
export function onForbiddenServer(tell: (words: string) => void): void {
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    if (effectiveDirective !== 'connect-src') return;
    tell('This page plays from its own server; server.playerServers allows others');
  });
}
