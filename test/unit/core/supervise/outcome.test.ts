import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromOutcome, toOutcome } from '../../../../src/core/supervise/outcome.js';
import { SluiceError } from '../../../../src/errors.js';

const across = async <T>(run: () => Promise<T>): Promise<T> => fromOutcome(structuredClone(await toOutcome(run)));

test('a value crosses as it is', async () => {
  assert.deepEqual(await across(async () => ({ a: [1, null] })), { a: [1, null] });
});

test('an error of the table crosses with its code, its detail and its row', async () => {
  const failed = across(() => Promise.reject(new SluiceError('viewer.limit', 'maxPerStream is 1')));
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof SluiceError);
    assert.equal(error.code, 'viewer.limit');
    assert.equal(error.detail, 'maxPerStream is 1');
    assert.equal(error.row.status, 503);
    return true;
  });
});

test('any other error, thrown before or after the first await, crosses as internal', async () => {
  const early = (): Promise<never> => {
    throw new TypeError('early');
  };
  await assert.rejects(across(early), { code: 'internal', detail: 'early' });
  await assert.rejects(
    across(() => Promise.reject(new RangeError('late'))),
    { code: 'internal', detail: 'late' },
  );
});
