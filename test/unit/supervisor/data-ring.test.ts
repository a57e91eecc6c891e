import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDataRing, type SourceData } from '../../../src/supervisor/data-ring.js';

const text = (words: string): SourceData => ({
  name: 'onTextData',
  values: [words],
  timestampMs: 0,
  receivedMs: 0,
});
const metadata = (values: readonly unknown[]): SourceData => ({ ...text(''), name: 'onMetaData', values });

test('events are numbered from 1, and listed after a given number', () => {
  const ring = createDataRing({ maxEvents: 10, maxLength: 1000 });
  assert.deepEqual([ring.lastSeq, ring.since(0)], [0, []]);
  for (const words of ['a', 'b', 'c']) ring.add(text(words), 5);
  assert.equal(ring.lastSeq, 3);
  assert.deepEqual(
    ring.since(1).map(({ seq, values }) => [seq, ...values]),
    [
      [2, 'b'],
      [3, 'c'],
    ],
  );
  assert.deepEqual(ring.since(3), []);
});

test('the oldest events are dropped when there are too many, or when they are too long together', () => {
  const few = createDataRing({ maxEvents: 3, maxLength: 1000 });
  const short = createDataRing({ maxEvents: 1000, maxLength: 30 });
  for (let n = 1; n <= 100; n += 1) {
    few.add(text('x'), 1);
    short.add(text('x'), 10);
  }
  assert.deepEqual(
    few.since(0).map(({ seq }) => seq),
    [98, 99, 100],
  );
  assert.deepEqual(
    short.since(0).map(({ seq }) => seq),
    [98, 99, 100],
  );
  short.add(text('x'), 31);
  assert.deepEqual(short.since(0), []);
  assert.equal(short.lastSeq, 101);
});

test('metadata are merged over a session, up to a limit', () => {
  const ring = createDataRing({ maxEvents: 10, maxLength: 1000 });
  ring.add(metadata([{ width: 640, encoder: 'a' }]), 1);
  ring.add(metadata([{ encoder: 'b' }]), 1);
  ring.add(metadata([['no object']]), 1);
  ring.add(metadata([]), 1);
  ring.add(metadata([null]), 1);
  ring.add(text('width'), 1);
  assert.deepEqual(ring.metadata, { width: 640, encoder: 'b' });
  ring.newSession();
  assert.deepEqual(ring.metadata, {});
  for (let n = 0; n < 1000; n += 1) ring.add(metadata([{ [`key${n}`]: n }]), 1);
  ring.add(metadata([{ key0: 'new' }]), 1);
  assert.equal(Object.keys(ring.metadata).length, 256);
  assert.equal(new Map(Object.entries(ring.metadata)).get('key0'), 'new');
});
