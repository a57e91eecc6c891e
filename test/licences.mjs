// npm run licences: the licence of every package that is installed for production, and whether each is one that may be passed
// on with Sluice (Apache-2.0). Ends with 1 when one is not, or has no integrity in the lock file.
import { readFileSync } from 'node:fs';

/** Permissive, or weak copyleft by file. What node-av's binary is beside its own licence stands in docs/dependencies.md. */
const allowed = new Set([
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'MPL-2.0',
]);

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const installed = Object.entries(packages).filter(([path]) => path !== '');
const complaints = installed.flatMap(([path, { integrity, license, dev }]) => [
  ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : [`${path}: no sha512 in the lock file`]),
  ...(dev || allowed.has(license) ? [] : [`${path}: its licence is ${license ?? 'not stated'}`]),
]);

const byLicence = new Map();
for (const [path, { license, version, dev }] of installed) {
  if (dev) continue;
  const name = `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)} ${version}`;
  byLicence.set(license, [...(byLicence.get(license) ?? []), name]);
}
for (const [licence, names] of [...byLicence].sort()) console.log(`${licence}\n  ${names.join('\n  ')}`);
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;
