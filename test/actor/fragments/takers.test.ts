/** Who takes the fragments of a stream: a recording alone lets its source's socket rest, a player does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFragments } from '../../../actors/fragments/fragments.js';
import { loadFragments } from '../../../actors/media/load-fragments.js';
import { createMediaKnowledge } from '../../../actors/stream/media-knowledge.js';
import { noGuard } from '../../support/media/coded-video.js';
import { until } from '../../support/until.js';

test('the stream is told who takes its fragments, at each change', async () => {
  const taken = new Set<string>();
  let isWanted = false;
  const fragments = createFragments({
    spec: { hasAudio: true, hasVideo: true },
    knowledge: createMediaKnowledge({ expectsVideo: true, onChange: () => {} }),
    maxBytes: 1_000_000,
    since: () => [],
    loadMuxer: () => loadFragments(noGuard),
    log: () => {},
    onWanted(wanted) {
      isWanted = wanted;
    },
    onTaken: (by, isTaken) => void (isTaken ? taken.add(by) : taken.delete(by)),
  });
  const recording = await fragments.open('recording');
  assert.deepEqual([...taken], ['recording']);
  const player = await fragments.open('playback');
  assert.deepEqual([...taken].sort(), ['playback', 'recording']);
  player.close();
  await until('the recording alone', () => !taken.has('playback'));
  assert.deepEqual([...taken], ['recording']);
  assert.ok(isWanted);
  fragments.close();
  assert.deepEqual([...taken], []);
  assert.equal(isWanted, false);
  recording.close();
});
