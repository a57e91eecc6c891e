import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { maskUri, parseRtmpUrl, uriKey } from '../../../../src/core/rtmp/url.js';
import { credentials, paths, refused } from './url-cases.js';

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

for (const [uri, user, password] of credentials) {
  test(`${uri} gives user ${user} and password ${password}, and no tcUrl with either`, () => {
    const url = parseRtmpUrl(uri);
    assert.deepEqual([url.user, url.password, url.host], [user, password, 'h']);
    assert.ok(!url.tcUrl.includes('@'));
  });
}

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
  ['rtmp://h/live/cam@home?x=@', 'rtmp://h/live/cam@home?***'],
  ['rtmp://h/live/cam?token=s3cret', 'rtmp://h/live/cam?***'],
  ['rtmp://h/live?token=s3cret/cam', 'rtmp://h/live?***'],
  ['rtmp://h/live/cam#s3cret', 'rtmp://h/live/cam#***'],
  ['rtmp://h/live/cam;t=s3cret?x', 'rtmp://h/live/cam;***'],
  ['rtmp://h/live/cam?a\ns3cret', 'rtmp://h/live/cam?***'],
  ['rtmp://u:s3?cret@h/live/cam', 'rtmp://***@h/live/cam'],
  ['a name; or two? #1', 'a name; or two? #1'],
  ['rtmp://u:s3cret@h/live/cam', 'rtmp://***@h/live/cam'],
  ['RTMPS://s3cret@H:1936/live/cam?t=1', 'RTMPS://***@H:1936/live/cam?***'],
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
