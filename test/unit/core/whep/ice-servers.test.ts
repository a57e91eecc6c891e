import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { iceServerLinks } from '../../../../src/core/whep/ice-servers.js';

const urls = ['stun:stun.example:3478', 'turns:turn.example:443?transport=tcp'];

test('a TURN server gets credentials that end, by the secret that it shares with us', () => {
  const username = '1790003600:viewer';
  const credential = createHmac('sha1', 'secret').update(username).digest('base64');
  assert.equal(
    iceServerLinks({ urls, secret: 'secret', ttlS: 3600 }, 'viewer', 1_790_000_000.7),
    `<stun:stun.example:3478>; rel="ice-server", <turns:turn.example:443?transport=tcp>; rel="ice-server"; username="${username}"; credential="${credential}"; credential-type="password"`,
  );
});

test('without a secret there are no credentials, and without servers no header', () => {
  assert.equal(
    iceServerLinks({ urls: urls.slice(1), secret: '', ttlS: 60 }, 'viewer', 0),
    '<turns:turn.example:443?transport=tcp>; rel="ice-server"',
  );
  assert.equal(iceServerLinks({ urls: [], secret: 'secret', ttlS: 60 }, 'viewer', 0), '');
});
