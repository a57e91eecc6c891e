import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { maskUri, parseRtmpUrl, uriKey } from '../../../../src/core/rtmp/url.js';

/** uri -> [app, stream, tcUrl] */
const paths: readonly (readonly [string, string, string, string])[] = [
  ['rtmp://h/live/cam', 'live', 'cam', 'rtmp://h/live'],
  ['rtmp://h:1935/live/cam', 'live', 'cam', 'rtmp://h/live'],
  ['rtmp://h:1936/live/cam', 'live', 'cam', 'rtmp://h:1936/live'],
  ['rtmp://h:/live/cam', 'live', 'cam', 'rtmp://h/live'],
  ['rtmp://h:443/live/cam', 'live', 'cam', 'rtmp://h:443/live'],
  ['rtmps://h/live/cam', 'live', 'cam', 'rtmps://h/live'],
  ['rtmps://h:443/live/cam', 'live', 'cam', 'rtmps://h/live'],
  ['rtmps://h:1935/live/cam', 'live', 'cam', 'rtmps://h:1935/live'],
  ['RTMP://h/live/cam', 'live', 'cam', 'rtmp://h/live'],
  ['RTMPS://H.Example.ORG/Live/Cam', 'Live', 'Cam', 'rtmps://h.example.org/Live'],
  ['Rtmp://10.0.0.1/live/cam', 'live', 'cam', 'rtmp://10.0.0.1/live'],
  ['rtmp://10.0.0.1:19350/live/cam', 'live', 'cam', 'rtmp://10.0.0.1:19350/live'],
  ['rtmp://[::1]/live/cam', 'live', 'cam', 'rtmp://[::1]/live'],
  ['rtmp://[::1]:1935/live/cam', 'live', 'cam', 'rtmp://[::1]/live'],
  ['rtmp://[2001:DB8::5]:1940/live/cam', 'live', 'cam', 'rtmp://[2001:db8::5]:1940/live'],
  ['rtmps://[::ffff:10.0.0.1]/live/cam', 'live', 'cam', 'rtmps://[::ffff:10.0.0.1]/live'],
  ['rtmp://a-b.example.co.uk/live/cam', 'live', 'cam', 'rtmp://a-b.example.co.uk/live'],
  ['rtmp://cam_1.lan/live/cam', 'live', 'cam', 'rtmp://cam_1.lan/live'],
  ['rtmp://xn--bcher-kva.example/live/cam', 'live', 'cam', 'rtmp://xn--bcher-kva.example/live'],
  ['rtmp://bücher.example/live/cam', 'live', 'cam', 'rtmp://bücher.example/live'],
  // One segment, or a closing slash: an application without a stream name (mediamtx publishes so).
  ['rtmp://h/cam', 'cam', '', 'rtmp://h/cam'],
  ['rtmp://h/live/', 'live', '', 'rtmp://h/live'],
  ['rtmp://h/cam?token=1', 'cam?token=1', '', 'rtmp://h/cam?token=1'],
  // Several segments: the last is the stream.
  ['rtmp://h/live/inst/cam', 'live/inst', 'cam', 'rtmp://h/live/inst'],
  ['rtmp://h/live/_definst_/cam', 'live/_definst_', 'cam', 'rtmp://h/live/_definst_'],
  ['rtmp://h/a/b/c/cam', 'a/b/c', 'cam', 'rtmp://h/a/b/c'],
  ['rtmp://h:1936/a/b/c/d/e/cam', 'a/b/c/d/e', 'cam', 'rtmp://h:1936/a/b/c/d/e'],
  ['rtmp://h/a/b/', 'a/b', '', 'rtmp://h/a/b'],
  ['rtmp://h/live//cam', 'live/', 'cam', 'rtmp://h/live/'],
  // A type prefix begins the stream.
  ['rtmp://h/vod/mp4:film.mp4', 'vod', 'mp4:film.mp4', 'rtmp://h/vod'],
  ['rtmp://h/vod/mp4:dir/sub/film.mp4', 'vod', 'mp4:dir/sub/film.mp4', 'rtmp://h/vod'],
  ['rtmp://h/vod/_definst_/mp4:dir/film.mp4', 'vod/_definst_', 'mp4:dir/film.mp4', 'rtmp://h/vod/_definst_'],
  ['rtmp://h/live/smil:all/cam.smil', 'live', 'smil:all/cam.smil', 'rtmp://h/live'],
  ['rtmp://h/live/ngrp:cam_all', 'live', 'ngrp:cam_all', 'rtmp://h/live'],
  ['rtmp://h/live/rtsp://camera/1?x=/', 'live', 'rtsp://camera/1?x=/', 'rtmp://h/live'],
  ['rtmp://h/live/cam?t=mp4:a/b', 'live', 'cam?t=mp4:a/b', 'rtmp://h/live'],
  ['rtmp://h/live/1234:5', 'live', '1234:5', 'rtmp://h/live'],
  // Queries stay whole, and with what they follow.
  ['rtmp://h/live/cam?token=abc', 'live', 'cam?token=abc', 'rtmp://h/live'],
  ['rtmp://h/live/cam?token=a/b+c==', 'live', 'cam?token=a/b+c==', 'rtmp://h/live'],
  ['rtmp://h/live/cam?a=1&b=2&b=3', 'live', 'cam?a=1&b=2&b=3', 'rtmp://h/live'],
  ['rtmp://h/live/cam?sig=%2Fx%3D&e=1', 'live', 'cam?sig=%2Fx%3D&e=1', 'rtmp://h/live'],
  ['rtmp://h/live/cam?', 'live', 'cam?', 'rtmp://h/live'],
  ['rtmp://h/live/cam??x', 'live', 'cam??x', 'rtmp://h/live'],
  ['rtmp://h/live/cam?u=rtmp://x/y', 'live', 'cam?u=rtmp://x/y', 'rtmp://h/live'],
  ['rtmp://h/a/b/cam?t=x/y', 'a/b', 'cam?t=x/y', 'rtmp://h/a/b'],
  ['rtmp://h/live?token=abc/cam', 'live?token=abc', 'cam', 'rtmp://h/live?token=abc'],
  ['rtmp://h/live?vhost=v.example/cam', 'live?vhost=v.example', 'cam', 'rtmp://h/live?vhost=v.example'],
  ['rtmp://h/live?token=a/b/cam', 'live?token=a/b', 'cam', 'rtmp://h/live?token=a/b'],
  // Percent-encoding and case stay as they are; so do characters that mean nothing here.
  ['rtmp://h/live/my%20cam', 'live', 'my%20cam', 'rtmp://h/live'],
  ['rtmp://h/l%69ve/c%2Fam', 'l%69ve', 'c%2Fam', 'rtmp://h/l%69ve'],
  ['rtmp://h/live/100%', 'live', '100%', 'rtmp://h/live'],
  ['rtmp://h/live/cam#1', 'live', 'cam#1', 'rtmp://h/live'],
  ['rtmp://h/live/cam@home', 'live', 'cam@home', 'rtmp://h/live'],
  ['rtmp://h/live/камера', 'live', 'камера', 'rtmp://h/live'],
  ['rtmp://h/live/cam.flv', 'live', 'cam.flv', 'rtmp://h/live'],
  ['rtmp://h/live/{a}|b', 'live', '{a}|b', 'rtmp://h/live'],
  ['rtmp://h/live/../cam', 'live/..', 'cam', 'rtmp://h/live/..'],
];

for (const [uri, app, stream, tcUrl] of paths) {
  test(`${uri} is application "${app}" and stream "${stream}"`, () => {
    const url = parseRtmpUrl(uri);
    assert.deepEqual([url.app, url.stream, url.tcUrl], [app, stream, tcUrl]);
    assert.equal(url.user, null);
    assert.equal(url.password, null);
  });
}

test('host and port come apart, an IPv6 address without its brackets, the port by default that of the scheme', () => {
  const dialled = (uri: string) => [parseRtmpUrl(uri).host, parseRtmpUrl(uri).port];
  assert.deepEqual(dialled('rtmp://Host/a/b'), ['host', 1935]);
  assert.deepEqual(dialled('rtmps://Host/a/b'), ['host', 443]);
  assert.deepEqual(dialled('rtmp://[FE80::1]:1/a/b'), ['fe80::1', 1]);
  assert.deepEqual(dialled('rtmp://u:p@127.0.0.1:65535/a/b'), ['127.0.0.1', 65_535]);
});

/** uri -> [user, password]; the host is h in all. */
const credentials: readonly (readonly [string, string | null, string | null])[] = [
  ['rtmp://u:p@h/live/cam', 'u', 'p'],
  ['rtmp://u@h/live/cam', 'u', null],
  ['rtmp://u:@h/live/cam', 'u', ''],
  ['rtmp://:p@h/live/cam', '', 'p'],
  ['rtmp://@h/live/cam', null, null],
  ['rtmp://u:p:q@h:1936/live/cam', 'u', 'p:q'],
  ['rtmp://u@x:p@h/live/cam', 'u@x', 'p'],
  ['rtmp://u%40x:p%2F%3a%25@h/live/cam', 'u@x', 'p/:%'],
  ['rtmp://u:50%@h/live/cam', 'u', '50%'],
  ['rtmp://u:p?q@h/live/cam', 'u', 'p?q'],
];

for (const [uri, user, password] of credentials) {
  test(`${uri} gives user ${user} and password ${password}, and no tcUrl with either`, () => {
    const url = parseRtmpUrl(uri);
    assert.deepEqual([url.user, url.password, url.host], [user, password, 'h']);
    assert.ok(!url.tcUrl.includes('@'));
  });
}

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /does not begin/],
  ['live/cam', /does not begin/],
  ['//h/live/cam', /does not begin/],
  ['rtmp:/h/live/cam', /does not begin/],
  ['http://h/live/cam', /only rtmp/],
  ['rtsp://h/live/cam', /only rtmp/],
  ['rtmpe://h/live/cam', /only rtmp/],
  ['rtmpt://h/live/cam', /only rtmp/],
  ['rtmp://', /names no host/],
  ['rtmp:///live/cam', /names no host/],
  ['rtmp://:1935/live/cam', /names no host/],
  ['rtmp://s3cret:s3cret@/live/cam', /names no host/],
  ['rtmp://s3cret:s3cret@:1935/live/cam', /names no host/],
  ['rtmp://h', /names no application/],
  ['rtmp://h/', /names no application/],
  ['rtmp://h//cam', /names no application/],
  ['rtmp://h:0/live/cam', /port/],
  ['rtmp://h:65536/live/cam', /port/],
  ['rtmp://h:-1/live/cam', /port/],
  ['rtmp://h:1e3/live/cam', /port/],
  ['rtmp://h:s3cret/live/cam', /port/],
  ['rtmp://s3cret:s3cret/x@h/live/cam', /port/],
  ['rtmp://::1/live/cam', /names no host/],
  ['rtmp://fe80::1/live/cam', /brackets/],
  ['rtmp://[]/live/cam', /IPv6/],
  ['rtmp://[::g]/live/cam', /IPv6/],
  ['rtmp://[1:2]/live/cam', /IPv6/],
  ['rtmp://[fe80::1%25eth0]/live/cam', /IPv6/],
  ['rtmp://[::1/live/cam', /brackets/],
  ['rtmp://h\\x/live/cam', /host is not/],
  ['rtmp://h#x/live/cam', /host is not/],
  ['rtmp://h?x/live/cam', /host is not/],
  ['rtmp://h%2e/live/cam', /host is not/],
  ['rtmp://h/live/my cam', /white space/],
  ['rtmp://h/live/cam\n', /white space/],
  [' rtmp://h/live/cam', /white space/],
  ['rtmp://h/live/\u0000cam', /white space/],
  ['rtmp://h/live/\u007fcam', /white space/],
  ['rtmp://h/live/\u00a0cam', /white space/],
  [`rtmp://h/live/${'x'.repeat(2035)}`, /longer than 2048 bytes/],
  [`rtmp://h/live/${'ü'.repeat(1018)}`, /longer than 2048 bytes/],
];

for (const [uri, words] of refused) {
  test(`${JSON.stringify(uri.slice(0, 40))} is refused with words that name what is wrong, and quote no credentials`, () => {
    assert.throws(
      () => parseRtmpUrl(uri),
      (error) => {
        assert.ok(error instanceof WireError);
        assert.equal(error.where, 'rtmp.url');
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
  });
}

test('the longest address that is taken has 2,048 bytes', () => {
  assert.equal(parseRtmpUrl(`rtmp://h/live/${'x'.repeat(2034)}`).stream.length, 2034);
});

test('addresses are the same by scheme and host in any case, and with the default port or without', () => {
  const same = [
    'rtmp://Host.example/live/cam?t=1',
    'RTMP://host.EXAMPLE:1935/live/cam?t=1',
    'rtmp://host.example:/live/cam?t=1',
  ];
  assert.equal(new Set(same.map(uriKey)).size, 1);
  assert.equal(uriKey('rtmps://h/a/b'), uriKey('rtmps://H:443/a/b'));
  assert.equal(uriKey('rtmp://[::A]/a/b'), uriKey('rtmp://[::a]:1935/a/b'));
});

test('addresses differ by scheme, port, credentials, and by any byte of the rest', () => {
  const different = [
    'rtmp://h/live/cam',
    'rtmps://h/live/cam',
    'rtmp://h:1936/live/cam',
    'rtmp://u:p@h/live/cam',
    'rtmp://U:p@h/live/cam',
    'rtmp://h/Live/cam',
    'rtmp://h/live/Cam',
    'rtmp://h/live/c%61m',
    'rtmp://h/live/cam?',
    'rtmp://h/live/cam/',
    'rtmp://h//live/cam',
  ];
  assert.equal(new Set(different.map(uriKey)).size, different.length);
  assert.throws(() => uriKey('http://h/live/cam'), WireError);
});

const masks: readonly (readonly [string, string])[] = [
  ['rtmp://h/live/cam', 'rtmp://h/live/cam'],
  ['rtmp://h/live/cam@home?x=@', 'rtmp://h/live/cam@home?x=@'],
  ['rtmp://u:s3cret@h/live/cam', 'rtmp://***@h/live/cam'],
  ['RTMPS://s3cret@H:1936/live/cam?t=1', 'RTMPS://***@H:1936/live/cam?t=1'],
  ['rtmp://u:s3cret@x@h/live/cam', 'rtmp://***@h/live/cam'],
  ['rtmp://u:s3cret@h', 'rtmp://***@h'],
  ['rtmp://u:s3cret/x@h/live/cam', 'rtmp://***@h/live/cam'],
  ['http://u:s3cret@h/live/cam', 'http://***@h/live/cam'],
  ['u:s3cret@h/live/cam', '***@h/live/cam'],
  ['rtmp://u:s3 cret@h/live/cam', 'rtmp://***@h/live/cam'],
  ['no address', 'no address'],
  ['', ''],
];

for (const [uri, masked] of masks) {
  test(`${uri} is shown as ${masked}`, () => assert.equal(maskUri(uri), masked));
}

test('whatever the text, only a WireError leaves the parser, and what is parsed has a key and parses again', () => {
  const piece = fc.oneof(fc.constantFrom('rtmp://', 'rtmps://', '/', '@', ':', '?', '[::1]', 'h', '%'), fc.string());
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const uri = pieces.join('');
      try {
        const url = parseRtmpUrl(uri);
        assert.equal(parseRtmpUrl(`${url.tcUrl}/x`).host, url.host);
        assert.equal(uriKey(uri), uriKey(uri));
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
      maskUri(uri);
    }),
    { numRuns: 2000 },
  );
});
