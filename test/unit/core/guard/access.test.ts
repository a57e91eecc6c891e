import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessRules, type ControlRequest, createAccess } from '../../../../src/core/guard/access.js';
import { parseApiKey } from '../../../../src/core/guard/api-key.js';
import { createClientReader } from '../../../../src/core/guard/client.js';
import { scopes } from '../../../../src/core/guard/scope.js';

const apiKeys = ['the-first-api-key', 'the-second-api-key'].map(parseApiKey);

const readClient = createClientReader([]);
const noRules: AccessRules = { allow: [], apiKeys: [], origins: [], loopback: true };

const request = (remoteIp: string, headers: Readonly<Record<string, string>> = {}): ControlRequest => {
  const all: Readonly<Record<string, string>> = { host: '127.0.0.1:8081', ...headers };
  const header = (name: string): string => all[name] ?? '';
  return { client: readClient({ remoteIp, prefaceIp: '', headerNames: Object.keys(all), header }), header };
};

function decide(clientIp: string, headers: Readonly<Record<string, string>>, rules: Partial<AccessRules> = {}): string {
  const access = createAccess({ ...noRules, ...rules });
  const decision = access.decide(request(clientIp, headers), 'read', 0);
  return decision.kind === 'allow' ? 'allow' : decision.code;
}

const cases: readonly (readonly [string, string, Record<string, string>, Partial<AccessRules>, string])[] = [
  ['loopback', '127.0.0.1', {}, {}, 'allow'],
  ['all of 127.0.0.0/8', '127.8.9.10', { host: 'localhost' }, {}, 'allow'],
  ['IPv6 loopback', '0000:0000:0000:0000:0000:0000:0000:0001', { host: '[::1]:8081' }, {}, 'allow'],
  ['loopback mapped into IPv6', '::ffff:127.0.0.1', {}, {}, 'allow'],
  ['a unix socket', '', {}, {}, 'allow'],
  ['a unix socket under any name', '', { host: 'sluice.example' }, { loopback: false }, 'allow'],
  ['a unix socket to which a proxy passes on', '', { 'x-forwarded-for': '192.0.2.7' }, {}, 'control.unauthorised'],
  ['loopback where it is not trusted', '127.0.0.1', {}, { loopback: false }, 'control.unauthorised'],
  ['loopback that is listed', '127.0.0.1', {}, { loopback: false, allow: ['127.0.0.1'] }, 'allow'],
  ['loopback by an address of the network', '127.0.0.1', { host: '192.0.2.1:8081' }, {}, 'control.forbidden'],
  ['any other address', '192.0.2.7', {}, {}, 'control.unauthorised'],
  ['an address that is none', 'unknown', {}, {}, 'control.unauthorised'],
  ['loopback with X-Forwarded-For', '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, {}, 'control.unauthorised'],
  ['loopback with Forwarded', '127.0.0.1', { forwarded: 'for=127.0.0.1' }, {}, 'control.unauthorised'],
  ['loopback with X-Real-IP', '127.0.0.1', { 'x-real-ip': '127.0.0.1' }, {}, 'control.unauthorised'],
  ['loopback with Via', '127.0.0.1', { via: '1.1 proxy' }, {}, 'control.unauthorised'],
  ['loopback under a foreign name', '127.0.0.1', { host: 'evil.example:8081' }, {}, 'control.forbidden'],
  ['loopback without a Host', '127.0.0.1', { host: '' }, {}, 'control.forbidden'],
  ['a listed address', '192.0.2.7', {}, { allow: ['192.0.2.7'] }, 'allow'],
  ['a listed range', '192.0.2.7', {}, { allow: ['10.0.0.0/8', '192.0.2.0/24'] }, 'allow'],
  ['an address beside the range', '192.0.3.7', {}, { allow: ['192.0.2.0/24'] }, 'control.unauthorised'],
  ['a listed IPv6 range', '2001:db8::7', {}, { allow: ['2001:db8::/32', '10.0.0.0/8'] }, 'allow'],
  ['a listed address mapped into IPv6', '::ffff:192.0.2.7', {}, { allow: ['192.0.2.0/24'] }, 'allow'],
  [
    'a listed address behind a proxy',
    '192.0.2.7',
    { 'x-forwarded-for': '198.51.100.1' },
    { allow: ['192.0.2.7'] },
    'control.unauthorised',
  ],
  [
    'a listed machine that calls us by name',
    '192.0.2.7',
    { host: 'sluice.example' },
    { allow: ['192.0.2.7'] },
    'allow',
  ],
  [
    'a listed browser that calls us by a name of unknown origin',
    '192.0.2.7',
    { host: 'rebound.example', 'user-agent': 'Mozilla/5.0' },
    { allow: ['192.0.2.7'] },
    'control.forbidden',
  ],
  [
    'a listed browser that calls us by the name of a listed origin',
    '192.0.2.7',
    { host: 'sluice.example:8081', 'user-agent': 'Mozilla/5.0' },
    { allow: ['192.0.2.7'], origins: ['http://sluice.example'] },
    'allow',
  ],
  ['a key as bearer', '192.0.2.7', { authorization: 'Bearer the-second-api-key' }, { apiKeys }, 'allow'],
  ['a key in its own header', '192.0.2.7', { 'x-api-key': 'the-first-api-key' }, { apiKeys }, 'allow'],
  ['a key behind a proxy', '127.0.0.1', { via: '1.1 x', 'x-api-key': 'the-first-api-key' }, { apiKeys }, 'allow'],
  ['a wrong key', '192.0.2.7', { 'x-api-key': 'wrong' }, { apiKeys }, 'control.unauthorised'],
  ['a wrong key from loopback', '127.0.0.1', { 'x-api-key': 'wrong' }, { apiKeys }, 'control.unauthorised'],
  ['any key where none is configured, from loopback', '127.0.0.1', { 'x-api-key': 'any' }, {}, 'allow'],
  ['any key where none is configured, from elsewhere', '192.0.2.7', { 'x-api-key': 'any' }, {}, 'control.unauthorised'],
  ['a page of another host', '127.0.0.1', { origin: 'https://evil.example' }, {}, 'control.forbidden'],
  ['a page without an origin', '127.0.0.1', { origin: 'null' }, {}, 'control.forbidden'],
  ['a page of this very port', '127.0.0.1', { origin: 'http://127.0.0.1:8081' }, {}, 'allow'],
  ['a page of this host on another port', '127.0.0.1', { origin: 'http://127.0.0.1:8080' }, {}, 'control.forbidden'],
  ['a page of the default port', '127.0.0.1', { origin: 'http://localhost', host: 'localhost:80' }, {}, 'allow'],
  [
    'a page of the port of TLS',
    '127.0.0.1',
    { origin: 'https://localhost', host: 'localhost:80' },
    {},
    'control.forbidden',
  ],
  [
    'a listed page',
    '127.0.0.1',
    { origin: 'https://studio.example' },
    { origins: ['https://studio.example/'] },
    'allow',
  ],
  [
    'a listed extension of the browser',
    '127.0.0.1',
    { origin: 'chrome-extension://aejoelao' },
    { origins: ['chrome-extension://aejoelao'] },
    'allow',
  ],
  [
    'another extension',
    '127.0.0.1',
    { origin: 'chrome-extension://other' },
    { origins: ['chrome-extension://aejoelao'] },
    'control.forbidden',
  ],
  [
    'another port of a listed page',
    '127.0.0.1',
    { origin: 'https://studio.example:444' },
    { origins: ['https://studio.example'] },
    'control.forbidden',
  ],
  [
    'a page of another host with a key',
    '192.0.2.7',
    { origin: 'https://evil.example', 'x-api-key': 'the-first-api-key' },
    { apiKeys },
    'control.forbidden',
  ],
];
for (const [what, clientIp, headers, rules, expected] of cases) {
  test(`${what}: ${expected}`, () => {
    assert.equal(decide(clientIp, headers, rules), expected);
  });
}

test('after five wrong keys in a minute further wrong ones are answered 429, and the right one never', () => {
  const access = createAccess({ ...noRules, apiKeys });
  const ask = (ip: string, key: string, nowMs: number): string => {
    const decision = access.decide(request(ip, { 'x-api-key': key }), 'read', nowMs);
    return decision.kind === 'allow' ? 'allow' : decision.code;
  };
  for (let n = 0; n < 5; n += 1) assert.equal(ask('192.0.2.7', `wrong ${n}`, 0), 'control.unauthorised');
  assert.equal(ask('192.0.2.7', 'wrong again', 1000), 'request.tooMany');
  assert.equal(ask('192.0.2.7', 'the-first-api-key', 1000), 'allow');
  assert.equal(ask('192.0.2.8', 'wrong', 1000), 'control.unauthorised');
  assert.equal(ask('192.0.2.7', 'wrong', 12_000), 'control.unauthorised');
});

test('the addresses of one IPv6 network count as one client', () => {
  const access = createAccess({ ...noRules, apiKeys });
  const ask = (ip: string): string => {
    const decision = access.decide(request(ip, { 'x-api-key': 'wrong' }), 'read', 0);
    return decision.kind === 'allow' ? 'allow' : decision.code;
  };
  for (let n = 0; n < 5; n += 1) assert.equal(ask(`2001:db8:1:2::${n}`), 'control.unauthorised');
  assert.equal(ask('2001:db8:1:2:ffff::1'), 'request.tooMany');
  assert.equal(ask('2001:db8:1:3::1'), 'control.unauthorised');
});

test('right keys are never held off', () => {
  const access = createAccess({ ...noRules, apiKeys });
  for (let n = 0; n < 100; n += 1) {
    assert.equal(access.decide(request('192.0.2.7', { 'x-api-key': 'the-first-api-key' }), 'read', 0).kind, 'allow');
  }
});

test('CORS names the origin of pages that may control, and of no others', () => {
  const access = createAccess({ ...noRules, origins: ['https://studio.example'] });
  const origins = ['https://studio.example', 'http://127.0.0.1:8081', 'http://127.0.0.1:3000', 'null', ''];
  assert.deepEqual(
    origins.map((origin) => access.allowedOrigin(request('192.0.2.7', { origin }))),
    ['https://studio.example', 'http://127.0.0.1:8081', null, null, null],
  );
});

test('a key with a name has what its scope has; a bare one has all, and so has a trusted address', () => {
  const keys = [
    'watcher:read:0123456789abcdef',
    'studio:control:123456789abcdef0',
    'root:admin:23456789abcdef01',
    'a-bare-key-of-20-chars',
  ];
  const access = createAccess({ ...noRules, apiKeys: keys.map(parseApiKey), allow: ['192.0.2.7'] });
  const table = (ip: string, key: string) =>
    scopes.map((scope) => {
      const decision = access.decide(request(ip, key === '' ? {} : { 'x-api-key': key }), scope, 0);
      return decision.kind === 'allow' ? decision.by || 'allow' : decision.code;
    });
  const no = 'control.forbidden';
  assert.deepEqual(table('192.0.2.8', '0123456789abcdef'), ['watcher', no, no]);
  assert.deepEqual(table('192.0.2.8', '123456789abcdef0'), ['studio', 'studio', no]);
  assert.deepEqual(table('192.0.2.8', '23456789abcdef01'), ['root', 'root', 'root']);
  assert.deepEqual(table('192.0.2.8', 'a-bare-key-of-20-chars'), ['allow', 'allow', 'allow']);
  assert.deepEqual(table('192.0.2.7', ''), ['allow', 'allow', 'allow']);
  // The key alone, not the whole entry.
  assert.deepEqual(table('192.0.2.8', keys[0] ?? ''), Array(3).fill('control.unauthorised'));
});

test('an entry whose second word is no scope is a bare key', () => {
  const text = 'with:colons:in-its-middle';
  assert.deepEqual(parseApiKey(text), { name: '', scope: 'admin', key: text });
});
