/** Recorded files: each is finished once, and the oldest go when there are too many bytes, or when they are too old. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { settingsSchema } from '../../../src/config/schema.js';
import type { RecordingPart } from '../../../src/core/recording/part.js';
import { createCatalogue } from '../../../src/supervisor/recording-catalogue.js';

const mebi = 1_048_576;
const hourMs = 3_600_000;

function stage(t: TestContext, given: object) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_790_000_000_000 });
  const { recordings } = settingsSchema.parse({ recordings: given });
  const finished: string[] = [];
  const lines: string[] = [];
  let isFull = false;
  const catalogue = createCatalogue({
    settings: recordings,
    folder: '/recordings',
    pool: {
      async finishRecording(_folder, part) {
        if (isFull) throw new Error('no room');
        finished.push(part.partId);
        return { ...part, state: 'finished', fileName: `${part.partId}.mp4` };
      },
    },
    log: (_level, event) => lines.push(event),
    // As the thread that writes answers.
    remove: ({ partId }) => catalogue.removed(partId),
  });
  t.after(catalogue.close);
  const part = (partId: string, state: RecordingPart['state'], sizeMb = 40): RecordingPart => ({
    partId,
    recordingId: partId,
    number: 1,
    streamName: 'cam',
    mediaSessionId: 'm',
    template: '{streamName}',
    state,
    fileName: state === 'finished' ? `${partId}.mp4` : null,
    startedAtMs: Date.now(),
    durationMs: 1000,
    sizeBytes: sizeMb * mebi,
    videoCodec: 'H264',
    audioCodec: null,
    width: 640,
    height: 360,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    catalogue,
    finished,
    lines,
    part,
    settle,
    listed: () => catalogue.parts.map(({ partId }) => partId),
    fill: (now: boolean) => {
      isFull = now;
    },
    async pass(ms: number) {
      t.mock.timers.tick(ms);
      await settle();
    },
  };
}

test('each file that is recorded is finished once, and the oldest goes when all are more than maxTotalMb', async (t) => {
  const { catalogue, part, listed, finished, settle, pass } = stage(t, { maxTotalMb: 100 });
  for (const id of ['a', 'b']) {
    catalogue.put(part(id, 'recorded'));
    await pass(1000);
  }
  assert.deepEqual(
    [finished, listed()],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  );
  catalogue.put(part('c', 'recording'));
  assert.deepEqual(listed(), ['a', 'b', 'c']);
  catalogue.put(part('c', 'recorded'));
  catalogue.put(part('c', 'recorded'));
  await settle();
  assert.deepEqual(
    [finished, listed()],
    [
      ['a', 'b', 'c'],
      ['b', 'c'],
    ],
  );
});

test('a file goes maxAgeHours after its end, and one that is being recorded never', async (t) => {
  const { catalogue, part, listed, pass, lines } = stage(t, { maxAgeHours: 2 });
  catalogue.put(part('old', 'finished'));
  catalogue.put(part('live', 'recording'));
  await pass(2 * hourMs - 60_000);
  assert.deepEqual(listed(), ['old', 'live']);
  await pass(120_000);
  assert.deepEqual(listed(), ['live']);
  assert.deepEqual(lines, ['recording.outdated']);
});

test('what could not be finished for want of room is, when there is some', async (t) => {
  const { catalogue, part, finished, settle, fill, lines } = stage(t, { minFreeMb: 10 });
  fill(true);
  catalogue.sawRoom(5 * mebi);
  catalogue.put(part('a', 'recorded'));
  await settle();
  assert.deepEqual([finished, lines], [[], ['recording.unfinished']]);
  fill(false);
  catalogue.sawRoom(20 * mebi);
  await settle();
  assert.deepEqual(finished, ['a']);
});

test('a file that is being recorded is not removed, and one that is there is', async (t) => {
  const { catalogue, part, listed } = stage(t, {});
  catalogue.put(part('live', 'recording'));
  catalogue.put(part('done', 'finished'));
  assert.throws(() => catalogue.remove('live'), { code: 'recording.busy' });
  assert.throws(() => catalogue.remove('nobody'), { code: 'recording.notFound' });
  await catalogue.remove('done');
  assert.deepEqual(listed(), ['live']);
});
