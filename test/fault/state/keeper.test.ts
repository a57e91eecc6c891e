/** On a real disk. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LogFields } from '../../../src/log-line.js';
import { createKeeper, type Keeper } from '../../../src/state/keeper.js';
import { formatPulls } from '../../../src/state/kept-pulls.js';
import type { WantedPull } from '../../../src/supervisor/pull-info.js';
import { until } from '../../support/until.js';

const cam: WantedPull = {
  request: {
    uris: ['rtmp://u:p@h/live/cam'],
    localStreamName: 'cam',
    origin: 'rest',
    record: false,
    hasAudio: true,
    hasVideo: true,
  },
  client: null,
  viewers: 2,
};

function stage(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
  const file = join(folder, 'below/pulls.json');
  const logged: { readonly event: string; readonly fields: LogFields }[] = [];
  const keepers: Keeper[] = [];
  t.after(async () => {
    for (const keeper of keepers) await keeper.close();
    rmSync(folder, { recursive: true });
  });
  const open = (wanted: () => readonly WantedPull[]): Keeper => {
    const keeper = createKeeper({ file, wanted, log: (_level, event, fields = {}) => logged.push({ event, fields }) });
    keepers.push(keeper);
    return keeper;
  };
  return { file, folder, logged, open };
}

test('what changes is written soon, for the owner alone, and read by the next process', async (t) => {
  const { file, logged, open } = stage(t);
  const first = open(() => [cam]);
  assert.deepEqual(await first.open(), []);
  first.changed('pulls');
  await until('it is written', () => existsSync(file));
  assert.match(readFileSync(file, 'utf8'), /live\/cam/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await first.close();
  const kept = await open(() => []).open();
  assert.deepEqual(
    kept?.map(({ localStreamName, uris, viewers }) => [localStreamName, uris, viewers]),
    [['cam', ['rtmp://u:p@h/live/cam'], 2]],
  );
  assert.deepEqual(logged, []);
});

test('what ends while the process ends stays wanted', async (t) => {
  const { file, open } = stage(t);
  let wanted: readonly WantedPull[] = [cam];
  const keeper = open(() => wanted);
  await keeper.open();
  const closed = keeper.close();
  wanted = [];
  keeper.changed('pulls');
  await closed;
  assert.match(readFileSync(file, 'utf8'), /live\/cam/);
});

test('a corrupt file is set aside and named, and the server goes on', async (t) => {
  const { file, folder, logged, open } = stage(t);
  mkdirSync(join(folder, 'below'));
  writeFileSync(file, '{"version":1,"pulls":[{"uris":"rtmp://u:p@h"');
  const keeper = open(() => [cam]);
  assert.deepEqual(await keeper.open(), []);
  const [aside = ''] = readdirSync(join(folder, 'below'));
  assert.match(aside, /^pulls\.json\.corrupt-/);
  const movedTo = join(folder, 'below', aside);
  assert.deepEqual(logged, [{ event: 'pulls.stateCorrupt', fields: { file, movedTo, error: 'it is not JSON' } }]);
  await keeper.close();
  assert.match(readFileSync(file, 'utf8'), /live\/cam/);
});

test('a place that cannot be written is told once', async (t) => {
  const { folder, logged, open } = stage(t);
  writeFileSync(join(folder, 'below'), 'a file where a folder should be');
  const keeper = open(() => [cam]);
  await keeper.open();
  assert.deepEqual(
    logged.map(({ event }) => event),
    ['pulls.notKept'],
  );
});

test('a second process with the same file keeps nothing until the first one is gone', async (t) => {
  const { logged, open } = stage(t);
  const first = open(() => [cam]);
  await first.open();
  const second = open(() => []);
  assert.equal(await second.open(), null);
  assert.deepEqual(
    logged.map(({ event }) => event),
    ['pulls.stateInUse'],
  );
  const later = second.whenFree();
  await first.close();
  assert.deepEqual(
    (await later).map(({ localStreamName }) => localStreamName),
    ['cam'],
  );
});

test('a system that allows no lock has the file read and written all the same, and is named', async (t) => {
  const { file, logged } = stage(t);
  mkdirSync(dirname(file));
  writeFileSync(file, formatPulls([cam]));
  const keeper = createKeeper({
    file,
    wanted: () => [],
    log: (_level, event, fields = {}) => logged.push({ event, fields }),
    lock: () => Promise.reject(new Error('listen EACCES')),
  });
  t.after(keeper.close);
  assert.equal((await keeper.open())?.length, 1);
  assert.deepEqual(logged, [{ event: 'pulls.stateNotLocked', fields: { file, error: 'listen EACCES' } }]);
  await keeper.close();
  assert.match(readFileSync(file, 'utf8'), /"pulls": \[\]/);
});

test('what was started, and ended its process four times in a row, is set aside and named', async (t) => {
  const { file, logged, open } = stage(t);
  const crashedStarts = (): number => JSON.parse(readFileSync(file, 'utf8')).crashedStarts;
  mkdirSync(dirname(file));
  writeFileSync(file, formatPulls([cam], 3));
  const fourth = open(() => [cam]);
  assert.equal((await fourth.open())?.length, 1);
  assert.equal(crashedStarts(), 4, 'noted before anything is started');
  const text = readFileSync(file, 'utf8');
  await fourth.close();
  assert.equal(crashedStarts(), 0, 'an end in order is no crash');
  // As a crash leaves it.
  writeFileSync(file, text);
  assert.deepEqual(await open(() => []).open(), []);
  assert.equal(existsSync(file), false);
  assert.deepEqual(
    logged.map(({ event }) => event),
    ['pulls.crashLoop'],
  );
  assert.match(readFileSync(String(logged[0]?.fields.movedTo), 'utf8'), /live\/cam/);
});
