import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { deriveKeys, linkToken, streamKey } from '../../../../src/core/cluster/keys.js';
import { seal, unseal } from '../../../../src/core/cluster/seal.js';

const keys = deriveKeys('a secret of all nodes');
const others = deriveKeys('a secret of other nodes');
const nonce = Buffer.from('000102030405060708090a0b', 'hex');
const uri = 'rtmp://user:pass@origin.example.org/live/camera1?token=t0ken';
const key = streamKey(keys, uri);
const request = JSON.stringify({ uris: [uri], localStreamName: 'Kamera für alle' });
const sealed = seal(keys, key, request, nonce);

test('what was sealed is opened by the same secret for the same stream, and by nothing else', () => {
  assert.equal(unseal(keys, key, sealed), request);
  const refused = (error: unknown): boolean => error instanceof WireError && /cluster\.secret/.test(error.message);
  assert.throws(() => unseal(others, key, sealed), refused);
  assert.throws(() => unseal(keys, streamKey(keys, 'rtmp://origin.example.org/live/camera2'), sealed), refused);
});

test('nothing of the address can be read in what was sealed, in keys or in tokens', () => {
  const shown = [sealed, Buffer.from(sealed.slice(2), 'base64url').toString('latin1'), key, linkToken(keys, key)];
  for (const word of ['origin', 'user', 'pass', 't0ken', 'camera1', 'secret']) {
    for (const text of shown) assert.ok(!text.includes(word), `${word} in ${text}`);
  }
});

test('a nonce more, and the same request looks quite different', () => {
  const again = seal(keys, key, request, Buffer.from('0c0102030405060708090a0b', 'hex'));
  assert.equal(unseal(keys, key, again), request);
  assert.notEqual(again.slice(-40), sealed.slice(-40));
});

test('whatever bit is changed or left out, it is refused with the one error', () => {
  const bytes = Buffer.from(sealed.slice(2), 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    assert.throws(() => unseal(keys, key, `1.${changed.toString('base64url')}`), WireError);
    assert.throws(() => unseal(keys, key, `1.${bytes.subarray(0, at).toString('base64url')}`), WireError);
  }
  for (const text of ['', '1.', 'hello', `2.${sealed.slice(2)}`])
    assert.throws(() => unseal(keys, key, text), WireError);
});

test('a key is that of all spellings of an address, and of the secret', () => {
  assert.equal(streamKey(keys, 'RTMP://user:pass@ORIGIN.example.org:1935/live/camera1?token=t0ken'), key);
  assert.notEqual(streamKey(keys, 'rtmp://origin.example.org/live/camera1?token=t0ken'), key);
  assert.notEqual(streamKey(others, uri), key);
  assert.match(key, /^[\w-]{43}$/);
  assert.throws(() => streamKey(keys, 'rtmp://'), WireError);
});

test('a token of a link is that of one stream and of one secret', () => {
  const other = streamKey(keys, 'rtmp://origin.example.org/live/camera2');
  const tokens = [linkToken(keys, key), linkToken(keys, other), linkToken(others, key)];
  assert.equal(new Set(tokens).size, 3);
  assert.equal(linkToken(deriveKeys('a secret of all nodes'), key), tokens[0]);
});

test('the keys of a secret are all different ones', () => {
  assert.equal(new Set(Object.values(keys).map((one) => one.toString('hex'))).size, 6);
});
