import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSourceStatus } from '../../../../actors/stream/source-status.js';
import type { MissingTrack } from '../../../../src/core/codec/media-info.js';

const silent: MissingTrack = { track: 'video', code: 'source.trackSilent', detail: 'no frame for 2.0 s' };

function stage() {
  const told: string[] = [];
  const knowledge = { settled: false, info: { video: null, audio: null, missing: [silent] } };
  const status = createSourceStatus({
    knowledge,
    onState: (state, reason) => told.push([state, reason ?? ''].join(' ').trim()),
  });
  return { status, knowledge, take: () => told.splice(0) };
}

test('a source plays once what it sends is known', () => {
  const { status, knowledge, take } = stage();
  status.enter('CONNECTED', null, '');
  status.plays();
  knowledge.settled = true;
  status.plays();
  status.plays();
  assert.deepEqual(take(), ['CONNECTED', 'PROCESSED_REMOTE']);
});

test('of a source of which nothing can be used the reason is told, and not of one whose other track plays', () => {
  const { status, knowledge, take } = stage();
  status.missing([silent]);
  assert.deepEqual(take(), [], 'it is not connected');
  status.enter('CONNECTED', null, '');
  status.missing([{ ...silent, code: 'source.noKeyframe' }]);
  assert.deepEqual(take(), ['CONNECTED'], 'it may come at any moment');
  status.missing([silent]);
  assert.deepEqual(take(), ['CONNECTED source.trackSilent']);
  knowledge.settled = true;
  status.plays();
  status.missing([silent]);
  status.timePasses();
  assert.deepEqual(take(), ['PROCESSED_REMOTE']);
});

test('where a header has settled what would play, and nothing comes, that is told once', () => {
  const { status, knowledge, take } = stage();
  status.enter('CONNECTED', null, '');
  knowledge.settled = true;
  status.missing([silent]);
  for (let looks = 0; looks < 2; looks += 1) status.timePasses();
  assert.deepEqual(take(), ['CONNECTED'], 'the other track may come in this very moment');
  for (let looks = 0; looks < 5; looks += 1) status.timePasses();
  assert.deepEqual(take(), ['CONNECTED source.trackSilent']);
});
