/** `npm start` under a process manager, which knows npm's process alone, and in a terminal, whose Ctrl-C reaches all of its group. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Child, startChild } from '../support/server/child.js';
import { until, within } from '../support/until.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const ownPorts = [
  ...['--server.host=127.0.0.1', '--server.restPort=0', '--server.wsPort=0', '--demo.port=0'],
  ...['--pulls.stateFile=', '--webrtc.listen=127.0.0.1', '--webrtc.portMin=0', '--webrtc.portMax=0'],
];
/** The server gives itself 8 s, and a second for its log. */
const endMs = 12_000;

interface Running {
  readonly npm: Child;
  readonly restPort: number;
  /** Names of the events that the server has logged. */
  events(): readonly string[];
}

/** npm as its manager starts it, with the server behind it ready. */
async function npmStart(t: TestContext, flags: readonly string[]): Promise<Running> {
  const npm = await startChild('npm', ['start', '--', ...ownPorts, ...flags], {
    leadsGroup: true,
    // Nothing is asked beyond this machine.
    env: { npm_config_update_notifier: 'false' },
  });
  t.after(() => npm.stop('SIGKILL'));
  const line = await npm.line('ready', (text) => text.includes('"event":"server.listening"'), 30_000);
  const { restPort } = JSON.parse(line);
  const events = () => npm.lines.filter((text) => text.startsWith('{')).map((text) => String(JSON.parse(text).event));
  return { npm, restPort, events };
}

/** Those of the group who are left, in words. */
function membersOf(group: number): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      // proc(5): pid, (name), state, parent, group.
      const [, name, rest] = /^\d+ (\(.*\)) (.*)$/s.exec(statOf(pid)) ?? [];
      return rest?.split(' ')[2] === String(group) ? [`${pid} ${name}`] : [];
    });
}

/** Nothing where the process ends at this moment. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

const dial = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    }).once('error', reject);
  });

/** Signals, and holds that npm's end is the orderly end of all that it started. */
async function assertEndsInOrder({ npm, restPort, events }: Running, signal: () => void): Promise<void> {
  // By the end of npm itself: the test's pipes would wait for whoever is left.
  const ended = once(npm.process, 'exit');
  signal();
  assert.deepEqual(await within('the end of npm', ended, endMs), [0, null]);
  assert.deepEqual(membersOf(npm.pid), [], 'nobody is left');
  await assert.rejects(dial(restPort), { code: 'ECONNREFUSED' });
  await npm.exited;
  const own = events().filter((event) => event.startsWith('process.'));
  assert.deepEqual(own, ['process.ending', 'process.ended']);
}

test('SIGTERM to npm alone ends the server in order: its viewer gets close_notify, its port is free, no process is left', async (t) => {
  const running = await npmStart(t, []);
  const rest = `http://127.0.0.1:${running.restPort}`;
  await until('the demo plays', async () => {
    const streams = await (await fetch(`${rest}/rest-api/pull/rtmp/find_all`)).text();
    return streams.includes('PROCESSED_REMOTE');
  });
  const viewer = await joinWhep(`${rest}/whep/demo`);
  t.after(() => viewer.close());
  await viewer.whenVideo(10);
  const told = viewer.client.dtls.onClose.asPromise();
  await assertEndsInOrder(running, () => process.kill(running.npm.pid, 'SIGTERM'));
  await within('the close_notify to the viewer', told, 1000);
});

test('so does SIGINT, where npm was given arguments for the server', async (t) => {
  const running = await npmStart(t, ['--no-demo', '--log.level=debug']);
  await assertEndsInOrder(running, () => process.kill(running.npm.pid, 'SIGINT'));
  assert.ok(!running.events().some((event) => event.startsWith('demo.')));
});

test('npm that is killed, and passes nothing on, ends it all the same', async (t) => {
  const running = await npmStart(t, ['--no-demo']);
  process.kill(running.npm.pid, 'SIGKILL');
  assert.equal(await within('the end of the server', running.npm.exited, endMs), 'SIGKILL');
  await until('nobody is left', () => membersOf(running.npm.pid).length === 0);
  assert.deepEqual(running.events().slice(-2), ['process.ending', 'process.ended']);
});

test('Ctrl-C, which reaches the server from the terminal and from npm, is one signal', async (t) => {
  const running = await npmStart(t, []);
  // A server that has much to end takes the second for a second: so there must be something to end.
  const page = await running.npm.line('the demo is up', (text) => text.includes('/player?name='));
  assert.match(page, /name=demo and the console is at /);
  await assertEndsInOrder(running, () => process.kill(-running.npm.pid, 'SIGINT'));
});
