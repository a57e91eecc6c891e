import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Client, createClientReader } from '../../../../src/core/guard/client.js';

interface Hop {
  readonly from?: string;
  readonly preface?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function read(trustedProxies: readonly string[], { from = '127.0.0.1', preface = '', headers = {} }: Hop): Client {
  return createClientReader(trustedProxies)({
    remoteIp: from,
    prefaceIp: preface,
    headerNames: Object.keys(headers),
    header: (name) => headers[name] ?? '',
  });
}

const signs = [
  'akamai-origin-hop',
  'cdn-loop',
  'cf-connecting-ip',
  'cf-ray',
  'do-connecting-ip',
  'fastly-client-ip',
  'fastly-ssl',
  'fly-client-ip',
  'fly-forwarded-port',
  'forwarded',
  'front-end-https',
  'incap-client-ip',
  'tailscale-user-login',
  'true-client-ip',
  'via',
  'x-akamai-edgescape',
  'x-amz-cf-id',
  'x-amzn-trace-id',
  'x-appengine-user-ip',
  'x-arr-ssl',
  'x-azure-clientip',
  'x-client-ip',
  'x-cloud-trace-context',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-forwarded',
  'x-forwarded-client-cert',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-host',
  'x-nf-client-connection-ip',
  'x-original-forwarded-for',
  'x-original-host',
  'x-original-uri',
  'x-proxy-user',
  'x-proxyuser-ip',
  'x-real-ip',
  'x-real-port',
  'x-remote-addr',
  'x-remote-ip',
  'x-rewrite-url',
  'x-scheme',
  'x-sucuri-clientip',
  'x-url-scheme',
  'x-varnish',
  'x-vercel-forwarded-for',
];
for (const name of signs) {
  test(`${name} shows a proxy, whatever it holds`, () => {
    assert.equal(read([], { headers: { [name]: '' } }).reach, 'unknown');
  });
}

test('what a browser, curl and the Web SDK send shows no proxy', () => {
  const usual =
    'host user-agent accept accept-encoding accept-language authorization cache-control connection content-length content-type cookie dnt if-match if-none-match keep-alive origin pragma range referer sec-ch-ua sec-fetch-dest sec-fetch-mode sec-fetch-site sec-websocket-key sec-websocket-version transfer-encoding upgrade upgrade-insecure-requests x-api-key x-requested-with priority te traceparent x-request-id expect';
  const headers = Object.fromEntries(usual.split(' ').map((name) => [name, 'x']));
  assert.deepEqual(read([], { headers }), { ip: '127.0.0.1', reach: 'direct' });
});

const proxies = ['10.0.0.0/8', '127.0.0.1', '2001:db8:f::/48'];
const cases: readonly (readonly [string, Hop, Client])[] = [
  ['a client without a proxy', { from: '192.0.2.7' }, { ip: '192.0.2.7', reach: 'direct' }],
  [
    'a client that pretends to be a proxy',
    { from: '192.0.2.7', headers: { 'x-forwarded-for': '198.51.100.1' } },
    { ip: '192.0.2.7', reach: 'unknown' },
  ],
  [
    'a client that sends a PROXY preface of its own',
    { from: '192.0.2.7', preface: '127.0.0.1' },
    { ip: '192.0.2.7', reach: 'unknown' },
  ],
  ['a trusted proxy that says nothing', {}, { ip: '127.0.0.1', reach: 'unknown' }],
  ['X-Forwarded-For', { headers: { 'x-forwarded-for': '192.0.2.7' } }, { ip: '192.0.2.7', reach: 'forwarded' }],
  [
    'X-Forwarded-For to which the client wrote first',
    { headers: { 'x-forwarded-for': '127.0.0.1, 10.1.1.1, 192.0.2.7' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'two trusted proxies',
    { from: '10.0.0.9', headers: { 'x-forwarded-for': '203.0.113.1, 192.0.2.7, 10.1.2.3' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'X-Forwarded-For with ports',
    { headers: { 'x-forwarded-for': '192.0.2.7:4711' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'X-Forwarded-For with an IPv6 address and a port',
    { headers: { 'x-forwarded-for': '[2001:db8::7]:4711' } },
    { ip: '2001:db8::7', reach: 'forwarded' },
  ],
  [
    'X-Forwarded-For that cannot be read',
    { headers: { 'x-forwarded-for': '192.0.2.7, unknown' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  [
    'X-Forwarded-For with nothing behind the last comma',
    { headers: { 'x-forwarded-for': '192.0.2.7,' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  [
    'a hidden hop behind the nearest proxy',
    { headers: { 'x-forwarded-for': 'unknown, 10.0.0.1' } },
    { ip: '10.0.0.1', reach: 'unknown' },
  ],
  [
    'a request of a proxy for itself',
    { headers: { 'x-forwarded-for': '127.0.0.1' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  [
    'Forwarded',
    { headers: { forwarded: 'for=192.0.2.43, for="[2001:db8:cafe::17]:4711";proto=http' } },
    { ip: '2001:db8:cafe::17', reach: 'forwarded' },
  ],
  [
    'Forwarded with a comma inside quotes',
    { headers: { forwarded: 'for=198.51.100.1;host="a\\",b", For=192.0.2.7' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'Forwarded that hides its hop',
    { headers: { forwarded: 'for=192.0.2.7, for=_gateway' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  [
    'Forwarded with a quote that the client left open',
    { headers: { forwarded: 'for=198.51.100.1;host=", for=192.0.2.7' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  [
    'Forwarded with such a quote before those of the proxy',
    { headers: { forwarded: 'for=198.51.100.1;host=", for="[2001:db8::7]:80";by="[::1]"' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  ['Forwarded without for', { headers: { forwarded: 'proto=https' } }, { ip: '127.0.0.1', reach: 'unknown' }],
  [
    'both headers that agree',
    { headers: { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.7' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'both headers that differ',
    { headers: { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=198.51.100.1' } },
    { ip: '127.0.0.1', reach: 'unknown' },
  ],
  ['a PROXY preface', { preface: '192.0.2.7' }, { ip: '192.0.2.7', reach: 'forwarded' }],
  [
    'a PROXY preface, and a header of the client',
    { preface: '192.0.2.7', headers: { 'x-forwarded-for': '10.0.0.1' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'a PROXY preface of one proxy for another',
    { preface: '10.0.0.1', headers: { 'x-forwarded-for': '192.0.2.7' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
  [
    'addresses in the long form of IPv6',
    { from: '2001:0db8:000f:0000:0000:0000:0000:0001', headers: { 'x-forwarded-for': '::ffff:192.0.2.7' } },
    { ip: '192.0.2.7', reach: 'forwarded' },
  ],
];
for (const [what, hop, client] of cases) {
  test(`${what}: ${client.ip}, ${client.reach}`, () => {
    assert.deepEqual(read(proxies, hop), client);
  });
}

test('whatever a client writes, its proxy adds its address last, and that is what counts', () => {
  const piece = fc.constantFrom(
    '127.0.0.1',
    '10.0.0.1',
    'for=',
    '"',
    '\\',
    ';',
    ',',
    ' ',
    'unknown',
    '[',
    '::1]',
    ':80',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const headers = { 'x-forwarded-for': `${pieces.join('')}, 192.0.2.7` };
      assert.deepEqual(read(proxies, { headers }), { ip: '192.0.2.7', reach: 'forwarded' });
    }),
  );
});
