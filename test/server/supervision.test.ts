/** Of the control API what threads are about: their tree, and their drills. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { faults } from '../../src/core/supervise/faults.js';
import { someTree } from './examples.js';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage();
});
after(() => stage.end());

test('/api/supervision shows the tree of threads', async () => {
  const { status, body } = await stage.ask('/api/supervision');
  assert.deepEqual([status, JSON.parse(body)], [200, someTree]);
});

test('/api/fault injects the fault', async () => {
  assert.equal((await stage.post('/api/fault', { name: 'cam', fault: 'hang' })).status, 200);
  assert.deepEqual(stage.streams.faults, ['cam hang']);
  const wrong = await stage.post('/api/fault', { name: 'cam', fault: 'fire' });
  assert.deepEqual([wrong.status, wrong.json().detail], [400, `fault must be one of ${faults.join(', ')}`]);
});
