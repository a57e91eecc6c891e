import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Candidacy, type Course, courseOf, type Situation, turnMs } from '../../../../src/core/cluster/course.js';

const owner = (epoch: number): Situation['role'] => ({ kind: 'owner', epoch, warmUntilMs: null });
const successor: Situation['role'] = { kind: 'owner', epoch: 0, warmUntilMs: 5000 };
const edge: Situation['role'] = { kind: 'edge' };
const rival = (epoch: number, isHandingOver = false): Situation['rival'] => ({ epoch, isHandingOver });

type Row = readonly [role: Situation['role'], rival: Situation['rival'], flags: string, course: Course];

/** w: wanted, n: needed here, s: its source is known here, t: in touch with the registry. */
const rows: readonly Row[] = [
  // Nobody has to do with it.
  [null, null, 't', 'stay'],
  [null, rival(3), 't', 'stay'],
  [owner(3), null, 't', 'end'],
  [edge, rival(3), 't', 'end'],
  // It is owned here: it plays on, whatever becomes of the claim, until another owner is heard of.
  [owner(3), null, 'wst', 'stay'],
  [owner(3), null, 'ws', 'stay'],
  [owner(3), rival(4), 'ws', 'stay'],
  [owner(3), rival(4), 'wst', 'end'],
  [owner(3), rival(4), 'wnst', 'follow'],
  [owner(3), rival(3), 'wst', 'end'],
  [owner(3), rival(2), 'wst', 'stay'],
  [owner(0), rival(1), 'wst', 'end'],
  [owner(0), rival(1), 'nst', 'follow'],
  // On demand it ends with its last viewer.
  [owner(3), null, 'nst', 'stay'],
  // A successor keeps warm as long as the other one hands over.
  [successor, rival(3, true), 'wst', 'stay'],
  [successor, rival(3), 'wst', 'end'],
  [successor, rival(3), 'wnst', 'follow'],
  [successor, null, 'wst', 'stay'],
  // Another one owns it.
  [null, rival(3), 'wst', 'stay'],
  [null, rival(3), 'wnst', 'follow'],
  [edge, rival(3), 'wnst', 'follow'],
  [edge, rival(3), 'wst', 'end'],
  [null, rival(3), 'n', 'follow'],
  [edge, rival(3), 'n', 'stay'],
  // Nobody does: viewers wait. Only who is cut off takes it without a claim.
  [edge, null, 'wnst', 'stay'],
  [null, null, 'wnst', 'stay'],
  [null, null, 'ns', 'own'],
  [null, null, 'wns', 'own'],
  [null, null, 'ws', 'stay'],
  [null, null, 'n', 'stay'],
  [edge, null, 'ns', 'stay'],
];

for (const [role, other, flags, course] of rows) {
  const name =
    role?.kind === 'owner' ? `owner ${role.epoch}${role.warmUntilMs === null ? '' : ', warming'}` : role?.kind;
  const against = other === null ? 'nobody' : `epoch ${other.epoch}${other.isHandingOver ? ' that hands over' : ''}`;
  test(`${name ?? 'nothing'} against ${against}, ${flags}: ${course}`, () => {
    const found = courseOf({
      role,
      rival: other,
      isWanted: flags.includes('w'),
      isNeeded: flags.includes('n'),
      isSourceKnown: flags.includes('s'),
      isInTouch: flags.includes('t'),
    });
    assert.equal(found, course);
  });
}

test('the n-th waits for n turns, and none for more than eight', () => {
  const cases: readonly [kind: Candidacy['kind'], rank: number | null, dueMs: number | null][] = [
    ['open', 0, 1000],
    ['open', 1, 1400],
    ['open', 5, 3000],
    ['open', 8, 4200],
    ['open', 500, 4200],
    ['open', null, null],
    ['handOver', 0, 1000],
    ['handOver', 2, 11_000],
    ['handOver', null, null],
    ['plays', null, 1000],
    ['plays', 4, 1000],
  ];
  for (const [kind, rank, dueMs] of cases) assert.equal(turnMs({ kind, rank, openMs: 1000 }), dueMs, `${kind} ${rank}`);
});
