/**
 * Headers that only a proxy, a load balancer or a content delivery network adds: a request with one of them did not come
 * from the address of its connection. That none is there proves nothing: nginx, HAProxy, stunnel and `ssh -R` add none by
 * themselves.
 */

/** Whole names, in lower case. */
const names: ReadonlySet<string> = new Set([
  // RFC 7239, RFC 9110 7.6.3, RFC 8586.
  'forwarded',
  'via',
  'cdn-loop',
  // nginx, Traefik, Apache, Rails and IIS by convention.
  'front-end-https',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-proxyuser-ip',
  'x-real-ip',
  'x-real-port',
  'x-remote-addr',
  'x-remote-ip',
  'x-rewrite-url',
  'x-scheme',
  'x-url-scheme',
  // Akamai and Cloudflare, Fastly, Fly.io, DigitalOcean, Imperva, Sucuri, Varnish, Google, AWS.
  'true-client-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'incap-client-ip',
  'x-sucuri-clientip',
  'x-varnish',
  'x-cloud-trace-context',
  'x-amzn-trace-id',
]);

/** Beginnings of names, in lower case. */
const families: readonly string[] = [
  'x-forwarded',
  'x-original-',
  'x-proxy-',
  'x-envoy-',
  'cf-',
  'fastly-',
  'fly-forwarded-',
  'x-akamai-',
  'akamai-',
  'x-amz-cf-',
  'x-appengine-',
  'x-arr-',
  'x-azure-',
  'x-nf-',
  'x-vercel-',
  'tailscale-',
];

/** True when one of these names of headers, in lower case, is a proxy's. */
export function showsProxy(headerNames: Iterable<string>): boolean {
  for (const name of headerNames) {
    if (names.has(name) || families.some((beginning) => name.startsWith(beginning))) return true;
  }
  return false;
}
