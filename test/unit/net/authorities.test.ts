import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsSchema } from '../../../src/config/schema.js';
import { readAuthorities } from '../../../src/net/authorities.js';
import { createStreams } from '../../../src/supervisor/supervisor.js';
import { createAuthority } from '../../support/certificates.js';
import { writeFileOf } from '../../support/file-of.js';

test('without a file there are no additional authorities', () => assert.equal(readAuthorities('', 'rtmp.caFile'), ''));

test('a file gives its certificates, and none of its other content', (t) => {
  const [one, other] = [createAuthority('one').certPem.trim(), createAuthority('other').certPem.trim()];
  const file = writeFileOf(
    t,
    `# ours\n${one}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${other}\n`,
  );
  assert.equal(readAuthorities(file, 'rtmp.caFile'), `${one}\n${other}`);
});

const damaged = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
for (const { what, text, words } of [
  { what: 'without a certificate', text: 'hello', words: /it holds no certificate in PEM form$/ },
  { what: 'with a damaged one', text: damaged, words: /its certificate 1 cannot be read$/ },
]) {
  test(`a file ${what} is refused with its name`, (t) => {
    const file = writeFileOf(t, text);
    assert.throws(() => readAuthorities(file, 'rtmp.caFile'), { code: 'config.invalid', message: words });
    assert.throws(() => readAuthorities(file, 'rtmp.caFile'), { message: new RegExp(`rtmp\\.caFile: ${file}`) });
  });
}

test('a missing file is an error that names it', async () => {
  const settings = settingsSchema.parse({ rtmp: { caFile: '/nowhere/ca.pem' } });
  await assert.rejects(createStreams({ settings, log: () => {}, actorUrl: new URL('file:///none.mjs') }), {
    code: 'config.invalid',
    message: /rtmp\.caFile: \/nowhere\/ca\.pem: it cannot be read \(ENOENT\)$/,
  });
});
