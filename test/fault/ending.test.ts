import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Child, startChild } from '../support/server/child.js';
import { freePort } from '../support/server/free-port.js';
import { until, within } from '../support/until.js';

/** Ends the process from inside in the ways that no drill has: SIGWINCH throws. */
const throwing = "process.on('SIGWINCH', () => { throw new Error('lost'); });";
const exitLoops = "process.on('exit', () => { for (;;); });";

interface Running {
  readonly child: Child;
  /** Sends the signal; how it ended, and after which time. */
  end(signal: NodeJS.Signals): Promise<{ readonly how: number | string; readonly tookMs: number }>;
}

/** The server with its log to this file, and these lines of JavaScript before it. */
async function startLoggingTo(t: TestContext, stdout: string, before = ''): Promise<Running> {
  const port = await freePort();
  const flags = [
    `--server.restPort=${port}`,
    '--server.wsPort=0',
    '--pulls.stateFile=',
    '--server.host=127.0.0.1',
    '--webrtc.listen=127.0.0.1',
  ];
  const preload = `--import=data:text/javascript,${encodeURIComponent(before)}`;
  const command = [process.execPath, preload, '.build/dist/main/main.mjs', '--no-demo', '--log.format=json', ...flags];
  const child = await startChild('sh', ['-c', 'out=$1; shift; exec "$@" > "$out"', 'sh', stdout, ...command]);
  t.after(() => child.stop('SIGKILL'));
  await until('it is ready', () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    child,
    async end(signal) {
      const startMs = performance.now();
      process.kill(child.pid, signal);
      const how = await within('its end', child.exited, 15_000);
      return { how, tookMs: performance.now() - startMs };
    },
  };
}

/** The first one takes ten seconds: the others go on beside it. */
describe('the end of a process', { concurrency: 2 }, () => {
  test('a loop in what runs at process.exit ends by SIGKILL, after a signal and after an exception', async (t) => {
    const [signalled, thrown] = await Promise.all([
      startLoggingTo(t, '/dev/null', exitLoops),
      startLoggingTo(t, '/dev/null', `${exitLoops}${throwing}`),
    ]);
    const [first, second] = await Promise.all([signalled.end('SIGTERM'), thrown.end('SIGWINCH')]);
    assert.deepEqual([first.how, second.how], ['SIGKILL', 'SIGKILL']);
    // 10.3 and 4.8 s were seen on a slow machine.
    assert.ok(first.tookMs < 14_000 && second.tookMs < 8000, `${first.tookMs} and ${second.tookMs} ms`);
  });

  test('SIGTERM ends the process with 0 while stdout is on a full disk', async (t) => {
    const { end } = await startLoggingTo(t, '/dev/full');
    const { how, tookMs } = await end('SIGTERM');
    assert.equal(how, 0);
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
  });

  test('an uncaught exception ends it with 1 while stdout is on a full disk', async (t) => {
    const { end } = await startLoggingTo(t, '/dev/full', throwing);
    const { how, tookMs } = await end('SIGWINCH');
    assert.equal(how, 1);
    assert.ok(tookMs < 5000, `${tookMs} ms`);
  });

  test('SIGTERM ends it while stdout is a pipe that nobody reads', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-pipe-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const pipe = join(folder, 'stdout');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    t.after(() => closeSync(fd));
    const fill = (): void => {
      for (;;) writeSync(fd, Buffer.alloc(4096));
    };
    assert.throws(fill, { code: 'EAGAIN' });
    const { end } = await startLoggingTo(t, pipe);
    const { tookMs } = await end('SIGTERM');
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
  });

  test('SIGHUP and SIGUSR2 end nothing: one has the configuration read again, the other is ignored', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    const { child, end } = await startLoggingTo(t, log);
    process.kill(child.pid, 'SIGHUP');
    await until('it is read again', () => readFileSync(log, 'utf8').includes('"config.reloaded"'));
    process.kill(child.pid, 'SIGUSR2');
    await until('it is ignored', () => readFileSync(log, 'utf8').includes('"process.signalIgnored"'));
    assert.equal((await end('SIGTERM')).how, 0);
  });
});
