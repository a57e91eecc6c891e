/** What an operator does at a shell: `sluice pull`, `sluice status`, `sluice drain`, SIGHUP, and a level of the log for one stream. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Child, startChild } from '../support/server/child.js';
import { freePort } from '../support/server/free-port.js';
import { serveOnce } from '../support/source/publisher.js';
import { until } from '../support/until.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-commands-'));
after(() => rmSync(folder, { recursive: true }));

/** Stands for the desktop's: notes what it is to open. */
const opened = join(folder, 'opened');
writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" >>${opened}\n`);
chmodSync(join(folder, 'xdg-open'), 0o755);
const env = { PATH: `${folder}:${process.env.PATH}` };

/** On a port of its own, which the file names for all commands. */
async function configure(streams: readonly object[] = []): Promise<(streams: readonly object[]) => void> {
  const [restPort, wsPort] = [await freePort(), await freePort()];
  const file = join(folder, 'sluice.yaml');
  const write = (wanted: readonly object[]): void => {
    const settings = {
      server: { host: '127.0.0.1', restPort, wsPort },
      webrtc: { listen: ['127.0.0.1'], portMin: 0, portMax: 0 },
      pulls: { stateFile: '' },
      demo: { port: 0 },
      streams: wanted,
    };
    writeFileSync(file, JSON.stringify(settings));
  };
  write(streams);
  return write;
}

const sluice = (...words: readonly string[]): Promise<Child> =>
  startChild(process.execPath, ['src/launch/launch.cjs', ...words, '--config', join(folder, 'sluice.yaml')], { env });

test('`sluice pull --open` starts a server where none runs, asks the one that runs, and opens the page; `status` tells of it, `drain` ends it', async (t) => {
  await configure();
  const uri = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
  const origin = await serveOnce(uri, { size: '320x180', bitrateKbps: 300 });
  t.after(() => origin.stop());
  const first = await sluice('pull', uri, '--open');
  t.after(() => first.stop('SIGKILL'));
  const line = await first.line('the page', (text) => text.startsWith('The page of cam is '));
  const page = new URL(/http:\S+/.exec(line)?.[0] ?? assert.fail(line));
  assert.equal(page.pathname, '/play/cam');
  await until('it is opened', () => existsSync(opened) && readFileSync(opened, 'utf8') === `${page.href}\n`);
  assert.equal((await fetch(page)).status, 200);

  const again = await sluice('pull', uri);
  assert.equal(await again.exited, 0, again.lines.join('\n'));
  assert.deepEqual(again.lines.slice(-2), ['Live', line]);
  const status = await sluice('status');
  assert.equal(await status.exited, 0, status.lines.join('\n'));
  assert.match(
    status.lines.join('\n'),
    /^Viewers: 0, and \d+ more fit \(\w+\)\n {2}cam: Live, 0 viewers, H264 320x180/m,
  );
  const nobody = await sluice('pull', `rtmp://127.0.0.1:${await freePort()}/live/none`, '--name', 'none');
  await nobody.line('why it does not play', (text) => text.startsWith('Dialling the source: The source refused'));
  await nobody.stop('SIGKILL');
  const draining = await sluice('drain', '--after', '60');
  await draining.line('it drains', (text) => text === 'The server takes nothing new');
  const back = await sluice('drain', '--back');
  assert.deepEqual([await back.exited, back.lines], [0, ['The server takes new work again']]);
  assert.deepEqual([await draining.exited, draining.lines.at(-1)], [1, 'The drain was cancelled: the server goes on']);
  const drained = await sluice('drain', '--after', '0');
  assert.deepEqual([await drained.exited, drained.lines.at(-1)], [0, 'The server has ended']);
  assert.equal(await first.exited, 0);
  const gone = await sluice('status');
  assert.equal(await gone.exited, 1);
  assert.match(gone.lines.join('\n'), /^The server cannot be reached at http:\/\/127\.0\.0\.1:\d+\/\. Is it running\?/);
});

test('SIGHUP starts what is new in the file, and a stream may have a level of the log of its own', async (t) => {
  const write = await configure([{ uri: 'rtmp://127.0.0.1:1/live/old', localStreamName: 'old' }]);
  const server = await sluice('--no-parent', '--no-demo');
  t.after(() => server.stop('SIGKILL'));
  const listening = await server.line('listening', (text) => text.includes('"server.listening"'));
  const api = `http://127.0.0.1:${JSON.parse(listening).restPort}/api`;
  const names = async (): Promise<unknown> =>
    JSON.parse(await (await fetch(`${api}/streams`)).text()).map(
      ({ name, state }: Record<string, string>) => `${name} ${state}`,
    );
  await until('the first is dialled', async () => String(await names()).startsWith('old PENDING'));
  write([{ uri: 'rtmp://127.0.0.1:1/live/new', localStreamName: 'new' }]);
  process.kill(server.pid, 'SIGHUP');
  await server.line('it is read again', (text) => text.includes('"config.reloaded"'));
  await until('the new one is dialled', async () => String(await names()).includes('new PENDING'));
  assert.match(String(await names()), /old STOPPED/);

  const setLevel = (logLevel: string | null): Promise<Response> =>
    fetch(`${api}/streams/new`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ logLevel }),
    });
  assert.equal((await setLevel('loud')).status, 400);
  const changed = await setLevel('debug');
  assert.equal(JSON.parse(await changed.text()).logLevel, 'debug');
  await server.line(
    'what is told at debug alone',
    (text) => text.includes('"level":"debug"') && text.includes('"new"'),
  );
  assert.equal(await server.stop(), 0);
});
