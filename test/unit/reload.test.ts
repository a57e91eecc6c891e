import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Launch } from '../../src/config/load.js';
import { type Settings, settingsSchema } from '../../src/config/schema.js';
import { createLogLevels } from '../../src/log-levels.js';
import { reload } from '../../src/reload.js';
import type { PullRequest } from '../../src/supervisor/pull-info.js';
import { fakeStreams } from '../support/threads/fake-threads.js';

const camera = (name: string) => ({ uri: `rtmp://source.example/live/${name}`, localStreamName: name });

/** A server with these streams of its configuration. */
async function stage(t: Parameters<typeof fakeStreams>[0], names: readonly string[]) {
  const { streams } = await fakeStreams(t);
  const settings = settingsSchema.parse({ streams: names.map(camera) });
  const start = (request: PullRequest): void => void streams.pull(request);
  for (const wanted of settings.streams) streams.pull({ ...wanted, origin: 'config' });
  const lines: unknown[] = [];
  const levels = createLogLevels('info');
  const log = (_level: string, event: string, fields: unknown): void => void lines.push([event, fields]);
  const again = (read: () => Launch): void => reload({ settings, read, streams, start, levels, log });
  const live = (): readonly string[] =>
    streams
      .list()
      .filter(({ state }) => state !== 'STOPPED')
      .map(({ localName }) => localName);
  return { streams, settings, lines, levels, again, live };
}

const running = (fresh: Settings): Launch => ({ kind: 'run', settings: fresh, warnings: [], wcsReport: [] });

test('streams that are new in the list start, those that are gone from it end, and others are not touched', async (t) => {
  const { streams, again, live, lines } = await stage(t, ['a', 'b']);
  streams.pull({ ...camera('rest'), record: false, hasAudio: true, hasVideo: true, origin: 'rest' });
  const before = streams.find('b')?.pullId;
  again(() => running(settingsSchema.parse({ streams: [camera('b'), camera('c')] })));
  assert.deepEqual(live(), ['b', 'rest', 'c']);
  assert.equal(streams.find('b')?.pullId, before);
  assert.match(JSON.stringify(lines), /"config\.reloaded",.*"started":"c","ended":"a"/);
});

test('one that REST has ended and taken under its name is not ended with the list', async (t) => {
  const { streams, again, live } = await stage(t, ['a']);
  streams.terminate({ localName: 'a' });
  streams.pull({ ...camera('a'), record: false, hasAudio: true, hasVideo: true, origin: 'rest' });
  again(() => running(settingsSchema.parse({})));
  assert.deepEqual(live(), ['a']);
});

test('the level of the log changes at once', async (t) => {
  const { levels, again } = await stage(t, []);
  assert.equal(levels.takes('debug', {}), false);
  again(() => running(settingsSchema.parse({ log: { level: 'debug' } })));
  assert.equal(levels.takes('debug', {}), true);
});

test('a configuration with a mistake changes nothing, and is told', async (t) => {
  const { again, live, lines } = await stage(t, ['a']);
  again(() => ({ kind: 'print', text: 'The configuration is not valid:\n  log.level: no\n', exitCode: 1 }));
  assert.deepEqual(live(), ['a']);
  assert.match(JSON.stringify(lines), /"config\.notReloaded",.*log\.level: no"/);
});
