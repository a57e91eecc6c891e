import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseSourceUri, sourceKey, wcsParts, wcsUri } from '../../../../src/core/source/address.js';

for (const { uri, is } of [
  { uri: 'http://host/whep/cam', is: ['whep', false, 'host', 80, '/whep/cam', null] },
  { uri: 'HTTPS://Host:8443/whep/cam?a=b#c', is: ['whep', true, 'host', 8443, '/whep/cam?a=b', null] },
  { uri: 'whep://host/cam/whep', is: ['whep', false, 'host', 80, '/cam/whep', null] },
  { uri: 'wheps://[2001:DB8::1]/x', is: ['whep', true, '2001:db8::1', 443, '/x', null] },
  { uri: 'https://to%20ken@host/x', is: ['whep', true, 'host', 443, '/x', 'Bearer to ken'] },
  { uri: 'https://u:p%40@host/x', is: ['whep', true, 'host', 443, '/x', 'Basic dTpwQA=='] },
  { uri: 'ws://host:8080#cam', is: ['wcs', false, 'host', 8080, '/', null] },
  { uri: 'wss://host/websocket#my%20cam', is: ['wcs', true, 'host', 443, '/websocket', null] },
]) {
  test(`${uri} is read`, () => {
    const address = parseSourceUri(uri);
    if (address.kind === 'rtmp') assert.fail();
    const { isTls, host, port, path, authorization } = address.target;
    assert.deepEqual([address.kind, isTls, host, port, path, authorization], is);
  });
}

test('the name of a stream of WCS stands in the fragment, whatever it holds', () => {
  const uri = wcsUri('wss://host:8443', 'caméra 1/#?');
  const address = parseSourceUri(uri);
  assert.equal(address.kind === 'wcs' && address.streamName, 'caméra 1/#?');
  assert.deepEqual(wcsParts(uri), { server: 'wss://host:8443', streamName: 'caméra 1/#?' });
  assert.equal(wcsParts('wss://host:8443'), null);
  assert.equal(wcsParts('rtmp://host/live/x#y'), null);
});

test('rtmp:// is what it was', () => {
  assert.equal(parseSourceUri('rtmp://host/live/cam').kind, 'rtmp');
});

for (const { uri, says } of [
  { uri: 'https://host', says: /names no stream/ },
  { uri: 'ws://host:8080', says: /remoteStreamName/ },
  { uri: `ws://host#${'x'.repeat(513)}`, says: /longer than 512 bytes/ },
  { uri: 'wss://user@host#x', says: /takes no credentials/ },
  { uri: 'https://ho st/x', says: /white space/ },
  { uri: 'https://host:99999/x', says: /cannot be read/ },
  { uri: 'https://host:0/x', says: /1 to 65535/ },
  { uri: 'ftp://host/x', says: /does not begin with/ },
  { uri: `https://host/${'x'.repeat(2048)}`, says: /longer than 2048/ },
]) {
  test(`${uri.slice(0, 40)} is refused, and not quoted`, () => {
    assert.throws(
      () => parseSourceUri(uri),
      (error) => error instanceof WireError && says.test(error.detail) && !error.detail.includes('host/'),
    );
  });
}

test('spellings of one source have one key, and two sources two', () => {
  const same = ['https://HOST/whep/a', 'wheps://host:443/whep/a', 'https://host/whep/a'].map(sourceKey);
  assert.equal(new Set(same).size, 1);
  const others = ['https://host/whep/b', 'http://host/whep/a', 'https://t@host/whep/a', 'wss://host/whep/a#a'];
  assert.equal(new Set([...same, ...others.map(sourceKey)]).size, 5);
  assert.notEqual(sourceKey('ws://h#a'), sourceKey('ws://h#b'));
});
