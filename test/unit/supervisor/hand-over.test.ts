/** What becomes of viewers whose thread died when the next one can, cannot, or can only partly go on with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionRecord } from '../../../actors/session-record.js';
import type { HandOverReport } from '../../../src/core/supervise/child.js';
import { type ErrorCode, SluiceError } from '../../../src/errors.js';
import { createHandOvers } from '../../../src/supervisor/hand-over.js';

const port = { id: '5000', port: 5000, inbox: null, sockets: [] };
/** All that is looked at here. */
const sessionOf = (viewerId: string): SessionRecord => JSON.parse(JSON.stringify({ viewerId, portId: port.id }));

/** Two viewers of a thread that has died. */
function stage() {
  const present = new Set(['a', 'b']);
  const lost: string[] = [];
  const reports: Pick<HandOverReport, 'viewersKept' | 'viewersLost'>[] = [];
  const handOvers = createHandOvers({
    nowMs: () => 0,
    viewers: () => [...present],
    portsFree: async () => {},
    onLost(viewerId) {
      present.delete(viewerId);
      lost.push(viewerId);
    },
    onDone: ({ viewersKept, viewersLost }) => reports.push({ viewersKept, viewersLost }),
  });
  handOvers.saw({ kind: 'port.opened', held: port });
  for (const viewerId of present) handOvers.saw({ kind: 'viewer.session', viewerId, session: sessionOf(viewerId) });
  handOvers.threadLost();
  return {
    lost,
    reports,
    give: (takes: () => Promise<readonly string[]>) => handOvers.giveTo({ actor: { takeOver: takes } }),
  };
}

const refusing = (code: ErrorCode) => () => Promise.reject(new SluiceError(code));

test('who is gone on with is told nothing, and the others are told', async () => {
  const { lost, reports, give } = stage();
  await give(async () => ['b']);
  assert.deepEqual([lost, reports], [['a'], [{ viewersKept: 1, viewersLost: 1 }]]);
});

for (const code of ['actor.dead', 'actor.timeout'] as const) {
  test(`after ${code} the one that follows gets them`, async () => {
    const { lost, reports, give } = stage();
    await give(refusing(code));
    assert.deepEqual([lost, reports], [[], []]);
    await give(async () => ['a', 'b']);
    assert.deepEqual([lost, reports], [[], [{ viewersKept: 2, viewersLost: 0 }]]);
  });
}

test('a thread that lives and could not take them over leaves nobody without a word', async () => {
  const { lost, reports, give } = stage();
  await give(refusing('internal'));
  assert.deepEqual([lost, reports], [['a', 'b'], [{ viewersKept: 0, viewersLost: 2 }]]);
});
