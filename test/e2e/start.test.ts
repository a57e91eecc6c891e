import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { type Child, type ChildOptions, startChild } from '../support/server/child.js';
import { until } from '../support/until.js';

const launcher = 'src/launch/launch.cjs';
const onLoopback = [
  '--server.host=127.0.0.1',
  '--server.restPort=0',
  '--server.wsPort=0',
  '--pulls.stateFile=',
  '--webrtc.listen=127.0.0.1',
  '--webrtc.portMin=0',
  '--webrtc.portMax=0',
];
const children: Child[] = [];
after(() => Promise.all(children.map((child) => child.stop('SIGKILL'))));

async function launch(flags: readonly string[], options?: ChildOptions): Promise<Child> {
  const child = await startChild(process.execPath, [launcher, ...flags], options);
  children.push(child);
  return child;
}

/** What it says and ends with, for words only. */
async function said(
  flags: readonly string[],
  options?: ChildOptions,
): Promise<{ code: number | string; text: string }> {
  const child = await launch(flags, options);
  return { code: await child.exited, text: child.lines.join('\n') };
}

/** The server with its demo, up and with its page's address told. */
async function startWithDemo(flags: readonly string[] = []): Promise<{ child: Child; page: URL }> {
  const child = await launch([...onLoopback, ...flags]);
  const line = await child.line('the address of the page', (text) => text.includes('/player?name='));
  return { child, page: new URL(/http:\S+/.exec(line)?.[0] ?? assert.fail(line)) };
}

async function statusOf(page: URL, localStreamName: string): Promise<unknown> {
  const streams: unknown = await (await fetch(new URL('/rest-api/pull/rtmp/find_all', page))).json();
  const found = Array.isArray(streams)
    ? streams.find((stream) => stream.localStreamName === localStreamName)
    : undefined;
  return found?.status;
}

test('npm start says where the player is, that page is there, the demo plays, and SIGTERM ends all with 0', async () => {
  const { child, page } = await startWithDemo();
  assert.equal(page.search, '?name=demo');
  const reply = await fetch(page);
  assert.equal(reply.status, 200);
  assert.match(await reply.text(), /<video/);
  await until('the demo plays', async () => (await statusOf(page, 'demo')) === 'PROCESSED_REMOTE');
  assert.equal(await child.stop('SIGTERM'), 0);
  await assert.rejects(dial(Number(page.port)), { code: 'ECONNREFUSED' });
});

test('stdout is JSON lines and nothing else when it is no terminal', async () => {
  const { child } = await startWithDemo();
  await child.stop();
  const others = child.lines.filter((line) => !line.startsWith('{'));
  assert.deepEqual(others.length, 1, others.join('\n'));
  for (const line of child.lines.filter((candidate) => candidate.startsWith('{'))) JSON.parse(line);
});

test('the demo may have another name, which the address carries', async () => {
  const { child, page } = await startWithDemo(['--demo.name=test pattern/ö']);
  assert.equal(page.searchParams.get('name'), 'test pattern/ö');
  assert.equal(await child.stop('SIGINT'), 0);
});

test('--no-demo starts without a demo', async () => {
  const child = await launch([...onLoopback, '--no-demo']);
  const line = await child.line('listening', (text) => text.includes('server.listening'));
  const { restPort } = JSON.parse(line);
  const streams = await (await fetch(`http://127.0.0.1:${restPort}/rest-api/pull/rtmp/find_all`)).text();
  assert.doesNotMatch(streams, /demo/);
  assert.equal(await child.stop(), 0);
});

test('a port that is taken is reported in plain words', async () => {
  const { child, page } = await startWithDemo();
  const { code, text } = await said([...onLoopback, '--no-demo', `--server.restPort=${page.port}`]);
  assert.equal(code, 1);
  assert.match(text, /server\.restPort/);
  assert.doesNotMatch(text, /\n\s+at /);
  await child.stop();
});

test('--help, --version and --check-config say what they are asked and end with 0', async () => {
  const help = await said(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.text, /--rtmp\.connectTimeoutMs .*\(5000\)/);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const versions = await said(['--version']);
  assert.deepEqual([versions.code, versions.text.split('\n')[0]], [0, version]);
  assert.match(
    versions.text,
    /\ncommit [0-9a-f]{12}\+?\nNode [\d.]+\nFFmpeg \d+\.\d+\S* \(node-av [\d.]+\)\nuWebSockets\.js \S+$/,
  );
  assert.deepEqual(await said(['--check-config']), { code: 0, text: 'configuration ok' });
});

test('a mistake in flags or variables is reported, and nothing is started', async () => {
  const wrong = await said(['--check-config', '--demo.fps=many']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /demo\.fps \(flag --demo\.fps\): "many" is not allowed; give a whole number from 5 to 60/);
  const unknown = await said(['--demo.fpx=5']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.text, /did you mean --demo\.fps\?/);
  const variable = await said([], { env: { SLUICE_LOG_FORMAT: 'xml' } });
  assert.equal(variable.code, 1);
  assert.match(variable.text, /log\.format \(variable SLUICE_LOG_FORMAT\)/);
});

const dial = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    }).once('error', reject);
  });
