import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog } from '../../../../actors/rendition/backlog.js';
import type { AccessUnit } from '../../../../src/core/codec/access-unit.js';

const unit = (n: number, more: Partial<AccessUnit> = {}): AccessUnit => ({
  data: Uint8Array.of(n & 255),
  isKeyframe: n === 0,
  pts90k: n,
  ...more,
});
const group = (frames: number): AccessUnit[] =>
  Array.from({ length: frames }, (_, n) => unit(n, { isDisposable: n % 3 === 2 }));

/** "5" is shown, "(5)" is decoded only. */
function drain(backlog: Backlog): string[] {
  const given: string[] = [];
  for (let due = backlog.next(); due !== null; due = backlog.next()) {
    given.push(due.isShown ? `${due.unit.pts90k}` : `(${due.unit.pts90k})`);
  }
  return given;
}

test('a group is caught up with unseen, without what no other frame needs; its last frame is shown', () => {
  const backlog = new Backlog();
  backlog.begin(group(8));
  assert.deepEqual(drain(backlog), ['(0)', '(1)', '(3)', '(4)', '(6)', '7']);
  backlog.push(unit(8, { isDisposable: true }));
  assert.deepEqual(drain(backlog), ['8']);
});

test('what comes while it catches up is caught up with too', () => {
  const backlog = new Backlog();
  backlog.begin(group(3));
  assert.deepEqual(backlog.next()?.isShown, false);
  for (const n of [3, 4]) backlog.push(unit(n));
  assert.deepEqual([backlog.length, backlog.whyNothing], [4, 'it first decodes 4 frames since the last keyframe']);
  assert.deepEqual(drain(backlog), ['(1)', '(3)', '4']);
  assert.equal(backlog.whyNothing, null);
});

test('a keyframe that comes meanwhile is a shorter way; one whose pictures are whole only later is none', () => {
  const backlog = new Backlog();
  backlog.begin(group(500));
  backlog.push(unit(500, { isKeyframe: true, isGradual: true }));
  assert.equal(backlog.length, 501);
  backlog.push(unit(501, { isKeyframe: true }));
  backlog.push(unit(502));
  assert.deepEqual([drain(backlog), backlog.skipped], [['501', '502'], 501]);
});

test('one that is a second behind goes on at the next keyframe, of either kind', () => {
  for (const isGradual of [false, true]) {
    const backlog = new Backlog();
    backlog.begin([unit(0)]);
    drain(backlog);
    for (let n = 1; n <= 40; n += 1) backlog.push(unit(n));
    assert.deepEqual([backlog.length, backlog.skipped], [0, 40]);
    assert.match(backlog.whyNothing ?? '', /next keyframe/);
    backlog.push(unit(41, { isKeyframe: true, isGradual }));
    assert.deepEqual(drain(backlog), ['41']);
  }
});

test('where nothing is kept of the group it waits for the next keyframe', () => {
  const backlog = new Backlog();
  backlog.begin([]);
  backlog.push(unit(7));
  assert.deepEqual([backlog.whyNothing, backlog.next()], ['it waits for the next keyframe', null]);
  backlog.push(unit(8, { isKeyframe: true }));
  assert.deepEqual([drain(backlog), backlog.whyNothing], [['8'], null]);
});
