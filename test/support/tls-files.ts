import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createCertificate } from '../../src/threads/certificate.js';

/** A certificate and its key as files, up to the end of the test. */
export function writeTlsFiles(t: TestContext): { readonly tlsCertFile: string; readonly tlsKeyFile: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { certPem, keyPem } = createCertificate(Date.now());
  const [tlsCertFile, tlsKeyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(tlsCertFile, certPem);
  writeFileSync(tlsKeyFile, keyPem);
  return { tlsCertFile, tlsKeyFile };
}
