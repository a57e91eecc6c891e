/** `sluice check rtmp://…` against a real source, and against none; `sluice check --control` against a real server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChild } from '../support/server/child.js';
import { freePort } from '../support/server/free-port.js';
import { startSluice } from '../support/server/sluice.js';
import { serveOnce } from '../support/source/publisher.js';

async function check(
  ...words: readonly string[]
): Promise<{ readonly code: number | string; readonly lines: readonly string[] }> {
  const child = await startChild(process.execPath, ['src/launch/launch.cjs', 'check', ...words]);
  return { code: await child.exited, lines: child.lines };
}

test('a source that plays has every check told, a warning of B-frames among them, and ends with 0', async (t) => {
  const uri = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
  const origin = await serveOnce(uri, { size: '320x180', bitrateKbps: 400, bFrames: 2 });
  t.after(() => origin.stop());
  const { code, lines } = await check(uri);
  assert.equal(code, 0, lines.join('\n'));
  const told = lines.filter((line) => /^\w/.test(line)).map((line) => line.split(/ +/).slice(0, 2).join(' '));
  for (const wanted of ['ok source.connect', 'ok source.media', 'warning video.bFrames', 'ok video.decode']) {
    assert.ok(told.includes(wanted), `${wanted}:\n${lines.join('\n')}`);
  }
});

test('a source that is not there is told at its step with the way out, and ends with 1', async () => {
  const { code, lines } = await check(`rtmp://127.0.0.1:${await freePort()}/live/cam`);
  assert.deepEqual([code, lines.length], [1, 3], lines.join('\n'));
  assert.match(lines[1] ?? '', /^error +source\.connect .*INGRESS_REFUSED$/);
  assert.match(lines[2] ?? '', /→ Check the port/);
});

test('control that answers loopback is told as open, and with control.loopback false as closed', async (t) => {
  for (const [flags, ends, told] of [
    [[], 1, /^open: /],
    [['--control.loopback=false'], 0, /^Control is closed: 40 attempts/],
  ] as const) {
    const sluice = await startSluice(flags);
    t.after(() => sluice.stop());
    const { code, lines } = await check('--control', sluice.rest);
    assert.equal(code, ends, lines.join('\n'));
    assert.ok(
      lines.some((line) => told.test(line)),
      lines.join('\n'),
    );
  }
});
