import assert from 'node:assert/strict';
import { basename, join, resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fileNameOf,
  fileNameToCome,
  templateElements,
  unknownElement,
} from '../../../../src/core/recording/file-name.js';
import type { RecordingPart } from '../../../../src/core/recording/part.js';

const part: RecordingPart = {
  partId: '0b9f5a0e-0000-4000-8000-000000000001',
  recordingId: '0b9f5a0e-0000-4000-8000-000000000002',
  number: 1,
  streamName: 'cam',
  mediaSessionId: '5a072377-73c1-4caf-abd3-000000000001',
  template: 'stream-{mediaSessionId}-{login}',
  state: 'recorded',
  fileName: null,
  startedAtMs: 1_790_000_000_000,
  durationMs: 61_250.4,
  sizeBytes: 1,
  videoCodec: 'H264',
  audioCodec: 'AAC',
  width: 640,
  height: 360,
};
const named = (change: Partial<RecordingPart>): string => fileNameOf({ ...part, ...change });

test('a template is filled as WCS fills it', () => {
  assert.equal(named({}), 'stream-5a072377-73c1-4caf-abd3-000000000001.mp4');
  const all = '{streamName}_{startTime}_{endTime}_{duration}_{videoCodec}_{audioCodec}';
  assert.equal(named({ template: all }), 'cam_1790000000000_1790000061250_61250_H264_AAC.mp4');
  const open = { template: '{streamName}-{startTime}-{endTime}', state: 'recording' } as const;
  assert.equal(named(open), 'cam-1790000000000-{endTime}.mp4');
});

test('before there is a file, what is not known stays in braces', () => {
  const toCome = (template: string): string => fileNameToCome({ ...part, template, streamName: 'a/b' });
  assert.equal(toCome('{streamName}-{startTime}-{endTime}'), 'a_b-{startTime}-{endTime}.mp4');
  assert.equal(toCome(part.template), `stream-${part.mediaSessionId}-.mp4`);
});

test('further files are numbered, unless their start tells them apart', () => {
  assert.equal(named({ number: 3, template: '{streamName}' }), 'cam_3.mp4');
  assert.equal(named({ number: 3, template: '{startTime}' }), '1790000000000.mp4');
});

test('letters of any script stay, and an empty name is the id of the file', () => {
  assert.equal(named({ template: '{streamName}', streamName: 'Küche 東京' }), 'Küche_東京.mp4');
  assert.equal(named({ template: '{streamName}', streamName: '../..' }), `${part.partId}.mp4`);
});

test('an element that there is not is named', () => {
  assert.equal(unknownElement('{streamName}-{nobody}'), 'nobody');
  assert.equal(unknownElement(templateElements.map((element) => `{${element}}`).join('')), null);
});

test('whatever a stream and a template are called, the file is one in its folder, of a name that a file may have', () => {
  const folder = resolve('/recordings');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ maxLength: 80 }), (streamName, extra) => {
      const name = named({ streamName, template: `${extra}{streamName}` });
      assert.equal(join(folder, name), `${folder}/${name}`);
      assert.equal(basename(name), name);
      assert.ok(Buffer.byteLength(name) <= 200 && !name.startsWith('.') && !name.includes('\0'));
    }),
    { numRuns: 10_000 },
  );
});
