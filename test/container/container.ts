/**
 * `npm run test:container`: what lies in config/ for containers is run as the documents say, and its demo seen in Chromium, in a
 * network name space of its own (support/network/hosts.ts).
 */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { parseAllDocuments } from 'yaml';
import { startChromium } from '../support/browser/chromium.js';
import { hubAddress, inHub } from '../support/network/hosts.js';
import { startChild } from '../support/server/child.js';
import { until } from '../support/until.js';
import { ask, containerOf, must, runContainer } from './podman.js';

/** What compose.yaml and kubernetes.yaml take away too. */
const confined = ['--cap-drop=all', '--security-opt=no-new-privileges'];
const demo = ['--env=SLUICE_DEMO_ENABLED=true', '--env=SLUICE_DEMO_WIDTH=640', '--env=SLUICE_DEMO_HEIGHT=360'];
const local = 'http://127.0.0.1:8081';

let chromium: Browser;

interface Listed {
  readonly name: string;
  readonly state: string;
}

async function json<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

const streams = (base: string): Promise<readonly Listed[]> => json(`${base}/api/streams`);
const isUp = (base: string): Promise<boolean> =>
  fetch(`${base}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** A viewer sees the stream by WebRTC; with `size` as a rendition of that width. Gives by which protocol. */
async function isSeen(base: string, size?: number): Promise<string> {
  const page = await (await chromium.newContext()).newPage();
  const path = size === undefined ? '/play/demo' : `/play/demo?qualities=${size}x180@300`;
  await until('the page', () =>
    page.goto(`${base}${path}`).then(
      () => true,
      () => false,
    ),
  );
  const player = page.locator('sluice-player');
  const stats = (): Promise<{ readonly frames: number; readonly protocol: string; readonly width: number }> =>
    player.evaluate((element) => {
      const { report } = Object(Reflect.get(element, 'stats'));
      const { framesDecoded: frames = 0, protocol = '', width = 0 } = Object(report);
      return { frames, protocol, width };
    });
  await until('frames are decoded', async () => (await stats()).frames > 20, 30_000);
  if (size !== undefined) {
    await player.getByLabel('Quality').selectOption('180p');
    await until('the rendition', async () => (await stats()).width === size, 30_000);
  }
  const { protocol } = await stats();
  assert.notEqual(protocol, '');
  await page.context().close();
  return protocol;
}

function preStop(manifest: string): readonly string[] {
  const deployment = parseAllDocuments(manifest).find((one) => one.get('kind') === 'Deployment');
  const command: unknown = deployment?.toJS().spec.template.spec.containers[0].lifecycle.preStop.exec.command;
  return Array.isArray(command) ? command.map(String) : [];
}

/**
 * Without what Podman 4 does not take: ports of a container on the network of the host, by whose names probes go, and text in a
 * Secret.
 */
function forPodman(manifest: string): string {
  const documents = parseAllDocuments(manifest).filter((one) => one.get('kind') !== 'Secret');
  const deployment = documents.find((one) => one.get('kind') === 'Deployment');
  const container = ['spec', 'template', 'spec', 'containers', 0];
  for (const left of ['ports', 'env']) deployment?.deleteIn([...container, left]);
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    deployment?.setIn([...container, probe, 'httpGet', 'port'], 8081);
  return documents.map(String).join('');
}

function tests(): void {
  before(async () => {
    chromium = await startChromium();
  });
  after(() => chromium.close());

  test('on the network of the host, with nothing it does not need: it plays, encodes, keeps, comes back, and ends in order', async (t) => {
    await ask('podman', 'volume', 'rm', '--force', 'sluice-test');
    const container = await runContainer(
      'sluice-host',
      '--network=host',
      '--read-only',
      '--volume=sluice-test:/var/lib/sluice',
      ...confined,
      ...demo,
    );
    t.after(() => ask('podman', 'rm', '--force', 'sluice-host'));
    await container.whenHealthy();
    assert.equal((await container.run('id', '-u')).text, '1000');
    const version = await container.run('node', 'src/launch/launch.cjs', '--version');
    t.diagnostic(version.text);
    assert.match(version.text, /[0-9a-f]{12}/, 'it names its commit');
    await isSeen(local, 320);
    const still = await fetch(`${local}/api/streams/demo/snapshot.jpg`);
    assert.equal(still.status, 200, await still.text());

    // What was wanted is wanted after the end.
    const body = JSON.stringify({ uri: 'rtmp://127.0.0.1:1/live/cam', name: 'kept' });
    await json(`${local}/api/streams`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    const ended = await container.stop();
    t.diagnostic(`ended after ${Math.round(ended.tookMs)} ms`);
    assert.equal(ended.exitCode, 0, await container.log());
    await container.start();
    await container.whenHealthy();
    await until('it is pulled again', async () => (await streams(local)).some(({ name }) => name === 'kept'));

    // The first process starts the server again.
    await container.kill('main.mjs');
    await until('it is gone', async () => !(await isUp(local)));
    await until('it is back', () => isUp(local));
    await isSeen(local);
  });

  test('with published ports: control by a key, and viewers by the address of the host', async (t) => {
    const key = 'a-key-of-16-chars';
    const container = await runContainer(
      'sluice-ports',
      ...[
        '-p',
        '8081:8081',
        '-p',
        '8080:8080',
        '-p',
        '31000-31009:31000-31009/udp',
        '-p',
        '31000-31009:31000-31009/tcp',
      ],
      '--env=SLUICE_WEBRTC_PORT_MIN=31000',
      '--env=SLUICE_WEBRTC_PORT_MAX=31009',
      `--env=SLUICE_WEBRTC_ANNOUNCE=${hubAddress}`,
      `--env=SLUICE_CONTROL_API_KEYS=${key}`,
      ...confined,
      ...demo,
    );
    t.after(() => ask('podman', 'rm', '--force', 'sluice-ports'));
    await container.whenHealthy();
    const base = `http://${hubAddress}:8081`;
    assert.equal((await fetch(`${base}/api/streams`)).status, 401);
    await json(`${base}/api/streams`, { headers: { Authorization: `Bearer ${key}` } });
    assert.equal(await isSeen(base), 'udp');
    assert.equal((await container.stop()).exitCode, 0);
  });

  test('by compose, with the Prometheus of Debian in place of its image: targets are up, rules load, and the demo is counted', async (t) => {
    const compose = ['/usr/bin/python3', '-m', 'podman_compose', '-f', resolve('config/compose.yaml')] as const;
    t.after(() => ask(...compose, 'down', '--volumes'));
    await must(...compose, 'up', '--detach', '--no-build', 'sluice');
    const container = containerOf('config_sluice_1');
    await container.whenHealthy();
    assert.equal((await container.run('id', '-u')).text, '1000');
    const folder = '/tmp/sluice-container/prometheus';
    await rm(folder, { recursive: true, force: true });
    const prometheus = await startChild('prometheus', [
      '--config.file=config/prometheus.yml',
      `--storage.tsdb.path=${folder}`,
      '--web.listen-address=127.0.0.1:9090',
    ]);
    t.after(() => prometheus.stop());
    interface Targets {
      readonly data: { readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[] };
    }
    const prom = 'http://127.0.0.1:9090/api/v1';
    const target = await until(
      'the target is asked',
      async () => {
        const { data } = await json<Targets>(`${prom}/targets`).catch(() => ({ data: { activeTargets: [] } }));
        const [first] = data.activeTargets;
        return first !== undefined && first.health !== 'unknown' && first;
      },
      30_000,
    );
    assert.deepEqual([target.health, target.lastError], ['up', '']);
    const rules = await json<{
      readonly data: { readonly groups: readonly { readonly rules: readonly { readonly health: string }[] }[] };
    }>(`${prom}/rules`);
    assert.ok(rules.data.groups.flatMap((group) => group.rules).length > 0);
  });

  test('by the manifest of Kubernetes, as podman plays it: it is up, and ends in order', async (t) => {
    const file = join(tmpdir(), `sluice-kubernetes-${process.pid}.yaml`);
    const manifest = await readFile('config/kubernetes.yaml', 'utf8');
    await writeFile(file, forPodman(manifest));
    const leaveNothing = async (): Promise<void> => {
      await ask('podman', 'kube', 'down', file);
      await ask('podman', 'volume', 'rm', '--force', 'sluice');
    };
    t.after(async () => {
      await leaveNothing();
      await rm(file);
    });
    await leaveNothing();
    await must('podman', 'kube', 'play', file);
    // Podman's form of a probe asks for curl, which the image does not have.
    await until('it is up', () => isUp(local), 30_000);
    const container = containerOf('sluice-pod-0-sluice');
    assert.equal((await container.run('id', '-u')).text, '1000');
    const isReady = async (): Promise<boolean> => (await fetch(`${local}/readyz`)).ok;
    assert.ok(await isReady());
    const draining = container.run(...preStop(manifest));
    await until('it takes no new viewers', async () => !(await isReady()));
    assert.ok(await isUp(local));
    await must('podman', 'kube', 'down', file);
    await draining;
    assert.equal(await isUp(local), false);
  });
}

const code = await inHub([]);
if (code === null) tests();
else process.exitCode = code;
