/** The files for operators in config/ say what there is: variables of the configuration, paths of the server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { configKeys } from '../../../src/config/keys.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { apiPaths } from '../../../src/server/api-paths.js';
import { otherRoutes } from '../../../src/server/other-routes.js';

const files = ['Dockerfile', 'compose.yaml', 'kubernetes.yaml', 'sluice.service', 'prometheus.yml', 'alerts.yml'];
const read = (file: string): string => readFileSync(`config/${file}`, 'utf8');
const paths: ReadonlySet<string> = new Set([
  ...otherRoutes.map(({ path }) => path),
  ...Object.values(apiPaths).map(([, path]) => path),
]);
const variables = new Set(configKeys.map(({ variable }) => variable));

for (const file of files) {
  test(`config/${file} names variables and paths that there are`, () => {
    const text = read(file);
    assert.deepEqual(
      (text.match(/\bSLUICE_[A-Z_]+/g) ?? []).filter((name) => !variables.has(name)),
      [],
    );
    const named = [...text.matchAll(/(?:path: |:8081)(\/[a-z/]+)/g)].map(([, path = '']) => path);
    assert.deepEqual(
      named.filter((path) => !paths.has(path)),
      [],
    );
  });
}

for (const file of ['Dockerfile', 'sluice.service']) {
  test(`config/${file} has all that is written where it may be written`, () => {
    const { pulls, playback, recordings } = settingsSchema.parse({});
    const written = { SLUICE_PULLS_STATE_FILE: pulls.stateFile, SLUICE_PLAYBACK_REVOKED_FILE: playback.revokedFile };
    for (const [name, path] of Object.entries({ ...written, SLUICE_RECORDINGS_FOLDER: recordings.folder }))
      assert.match(read(file), new RegExp(`${name}=/var/lib/sluice/${basename(path)}\\b`));
  });
}

test('the manifests of Kubernetes are whole: every volume, secret and port that is named is there', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml')).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
  const kinds = documents.map(({ kind }) => kind);
  assert.deepEqual(kinds, ['Secret', 'PersistentVolumeClaim', 'Deployment', 'Service']);
  const [secret, claim, deployment, service] = documents;
  const { spec: pod } = deployment.spec.template;
  const [container] = pod.containers;
  assert.equal(pod.volumes[0].persistentVolumeClaim.claimName, claim.metadata.name);
  assert.ok(container.env[0].valueFrom.secretKeyRef.key in secret.stringData);
  const ports = container.ports.map(({ name }: { readonly name: string }) => name);
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    assert.ok(ports.includes(container[probe].httpGet.port));
  for (const { targetPort } of service.spec.ports) assert.ok(ports.includes(targetPort));
  // The preStop hook and the 10 s of the end fit.
  assert.ok(pod.terminationGracePeriodSeconds >= 29 + 10);
});

test('compose mounts files that are there', () => {
  const [{ services }] = parseAllDocuments(read('compose.yaml')).map((document) => document.toJS());
  const mounted = Object.values(services).flatMap((service) => Reflect.get(Object(service), 'volumes') ?? []);
  const files = mounted.map(String).filter((one) => one.startsWith('./'));
  assert.equal(files.length, 5);
  for (const file of files) assert.ok(read(file.split(':', 1)[0] ?? '').length > 0);
});
