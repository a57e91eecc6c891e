import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStage } from './stage.js';

test('/api/drain begins a drain, says how it stands, and takes it back until it is too late', async (t) => {
  const stage = await startStage();
  t.after(() => stage.end());
  assert.deepEqual((await stage.ask('/api/drain')).json(), { state: 'serving', endsInMs: null });
  assert.deepEqual((await stage.ask('/api/drain', { method: 'POST' })).json(), { state: 'draining', endsInMs: 2000 });
  assert.deepEqual((await stage.post('/api/drain', { afterMs: 60_000 })).json(), {
    state: 'draining',
    endsInMs: 60_000,
  });
  const wrong = await stage.post('/api/drain', { afterMs: -1 });
  assert.deepEqual([wrong.status, wrong.json().detail], [400, 'afterMs must not be negative']);
  assert.equal((await stage.post('/api/drain', { after: 1 })).status, 400);
  assert.deepEqual((await stage.ask('/api/drain', { method: 'DELETE' })).json(), { state: 'serving', endsInMs: null });
  assert.deepEqual((await stage.post('/api/drain', { afterMs: 0 })).json(), { state: 'ending', endsInMs: 0 });
  const tooLate = await stage.ask('/api/drain', { method: 'DELETE' });
  assert.deepEqual([tooLate.status, tooLate.json().code], [409, 'drain.tooLate']);
});
