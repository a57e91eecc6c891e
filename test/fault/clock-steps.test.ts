/** The machine's clock steps by an hour and back while a stream plays (docs/reliability.md F15): nothing of it is to be seen. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';
import { assertNoGap } from '../support/viewer/stream-viewer.js';
import { joinWhep } from '../support/viewer/whep-viewer.js';

const hourMs = 3_600_000;

test('steps of an hour, on and back, end no thread, lose no packet, and are in no sender report', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-clock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const offset = join(folder, 'offset');
  const step = (text: string): void => writeFileSync(offset, text);
  step('+0');
  const faketime = [
    'LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1',
    `FAKETIME_TIMESTAMP_FILE=${offset}`,
    'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
  ];
  const demo = ['--demo.enabled=true', '--demo.width=320', '--demo.height=180', '--demo.fps=15'];
  const sluice = await startSluice(demo, '.', ['env', ...faketime]);
  t.after(() => sluice.stop());
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
  const viewer = await joinWhep(`${sluice.rest}/whep/demo`);
  t.after(viewer.close);
  await viewer.whenVideo(50);
  /** How far the server's clock is from ours. */
  const offMs = async (): Promise<number> => {
    const diagnosis = JSON.parse(await (await fetch(`${sluice.rest}/api/streams/demo/diagnosis`)).text());
    return diagnosis.atMs - Date.now();
  };
  for (const [text, expectedMs] of [
    ['+1h', hourMs],
    ['-1h', -hourMs],
    ['+0', 0],
  ] as const) {
    step(text);
    await until(`the clock is at ${text}`, async () => Math.abs((await offMs()) - expectedMs) < 60_000);
    const before = viewer.senderReports().length;
    await viewer.whenVideo(viewer.video().length + 40);
    await until('a sender report by this clock', () => viewer.senderReports().length > before);
  }
  assertNoGap(viewer.video());
  const reports = viewer.senderReports();
  assert.ok(reports.length > 2);
  for (const [n, { ntpMs }] of reports.entries()) {
    assert.ok(Math.abs(ntpMs - (reports[n - 1]?.ntpMs ?? ntpMs)) < 60_000, `report ${n}`);
  }
  const told = sluice.log().filter(({ event }) => /thread|hung|condemned|crash|lost|restart|ended/i.test(event));
  assert.deepEqual(told, []);
});
