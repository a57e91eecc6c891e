/** What npm publishes: packed, installed into an empty folder by npm, and run, as `npx sluice` does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { startChild } from '../support/server/child.js';
import { startNotifySocket } from '../support/server/notify-socket.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** `prepack`, without what is built already. */
async function installed(): Promise<string> {
  await run('npx', ['tsc', '-p', 'src/web/player']);
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  const [{ filename }] = JSON.parse(stdout);
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=dev'];
  await run('npm', ['install', ...quiet, join(folder, filename)], { cwd: folder });
  return join(folder, 'node_modules/.bin/sluice');
}

/** A page of somebody else's, in TypeScript, that has the player by npm. */
async function compilePage(): Promise<void> {
  const page = join(folder, 'page.mts');
  writeFileSync(
    page,
    "import { SluicePlayer } from 'sluice/player';\nconst player = new SluicePlayer();\nexport const ms: number = player.behindMs;\n",
  );
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext'];
  await run('npx', ['tsc', ...options, page]);
}

const ports = ['server.restPort', 'server.wsPort', 'demo.port', 'webrtc.portMin', 'webrtc.portMax'];
const flags = [
  '--server.host=127.0.0.1',
  '--webrtc.listen=127.0.0.1',
  '--pulls.stateFile=',
  ...ports.map((name) => `--${name}=0`),
];

test('an empty folder has a server that plays its demo, by the add-ons of the package, after one npm install', async (t) => {
  const sluice = await installed();
  const addOns = join(folder, 'node_modules/sluice/.build/native', `linux-${process.arch}`);
  assert.deepEqual(readdirSync(addOns).sort(), ['fanout.node', 'threads.node']);
  await compilePage();
  const version = await run(sluice, ['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\ncommit [0-9a-f]{12}\+?\nNode /);

  const socket = `@sluice-package-${process.pid}`;
  const manager = await startNotifySocket(t, socket);
  const child = await startChild(sluice, ['--no-parent', ...flags], { env: { NOTIFY_SOCKET: socket } });
  t.after(() => child.stop('SIGKILL'));
  const listening = await child.line('listening', (text) => text.includes('"server.listening"'));
  const rest = `http://127.0.0.1:${JSON.parse(listening).restPort}`;
  await manager.line(`READY=1 STATUS=serving at port ${JSON.parse(listening).restPort}`);
  await child.line('the demo', (text) => text.includes('/player?name=demo'));
  const viewer = await joinWhep(`${rest}/whep/demo`);
  t.after(() => viewer.close());
  await viewer.whenVideo(50);
  const metrics = await (await fetch(`${rest}/metrics`)).text();
  assert.match(metrics, /^sluice_stream_fanout_native\{.*name="demo"\} 1$/m);

  const status = await run(sluice, ['status', '--at', rest]);
  assert.match(
    status.stdout,
    /^Sluice .* serving .*\nCPU .*\nNetwork .*\nViewers: 1, and \d+ more fit \(.*\)\n {2}demo: Live, 1 viewers, H264 1280x720/,
  );
  assert.equal(await child.stop(), 0);
});

/** Symbols of glibc beyond it would keep the add-ons from loading where Node itself runs. */
test('the add-ons ask for no later glibc than Node 22 does', () => {
  for (const machine of readdirSync('.build/native')) {
    for (const file of readdirSync(join('.build/native', machine))) {
      const names = readFileSync(join('.build/native', machine, file), 'latin1').matchAll(/GLIBC_2\.(\d+)/g);
      assert.ok(Math.max(...[...names].map(([, minor]) => Number(minor))) <= 38, `${machine}/${file}`);
    }
  }
});
