/** Playback tokens between nodes and their registry. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import type { Registry } from '../../../src/cluster/registry.js';
import { createMemoryRegistry } from '../../../src/cluster/registry-memory.js';
import { createSecrets } from '../../../src/cluster/secrets.js';
import { createSharedTokens, type TokenUse } from '../../../src/cluster/shared-tokens.js';
import { times } from '../../../src/core/cluster/member.js';
import type { PlaybackClaims } from '../../../src/core/guard/playback-claims.js';
import { SluiceError } from '../../../src/errors.js';
import { nodeRecord } from '../../support/cluster/records.js';

const secrets = createSecrets('a secret of the tests');
const token: PlaybackClaims = {
  id: 'a token',
  subject: null,
  streams: ['cam'],
  expiresS: 2000,
  maxViewers: null,
  isOnce: false,
  hasRecordings: false,
};
const once: PlaybackClaims = { ...token, isOnce: true };
const forTwo: PlaybackClaims = { ...token, maxViewers: 2 };

/** Nodes of one registry; what each asks for is noted. */
function stage(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const asked: string[] = [];
  let [nowMs, isReachable] = [0, true];
  const memory = createMemoryRegistry(() => nowMs, 1);
  const node = (nodeId: string) => {
    const registry = memory.open();
    void registry.announce(nodeRecord(nodeId));
    const noted =
      <Given extends readonly unknown[], Answer>(name: string, call: (...given: Given) => Promise<Answer>) =>
      async (...given: Given): Promise<Answer> => {
        asked.push(`${nodeId} ${name} ${JSON.stringify(given)}`);
        if (!isReachable) throw new SluiceError('registry.unreachable');
        return call(...given);
      };
    const seen: Pick<Registry, 'isReachable' | 'useToken' | 'takeSeats' | 'keepSeats'> = {
      get isReachable() {
        return isReachable;
      },
      useToken: noted('useToken', registry.useToken),
      takeSeats: noted('takeSeats', registry.takeSeats),
      keepSeats: noted('keepSeats', registry.keepSeats),
    };
    const tokens = createSharedTokens({ registry: seen, nodeId, secrets, nowS: () => 1000 });
    t.after(tokens.close);
    return tokens;
  };
  return {
    node,
    asked,
    reach(isThere: boolean) {
      isReachable = isThere;
    },
    /** Until seats are told again. */
    async tellAgain() {
      t.mock.timers.tick(60_000);
      await settled();
    },
    lapse() {
      nowMs += times.leaseMs;
    },
    announce: (nodeId: string) => memory.open().announce(nodeRecord(nodeId)),
    flush: memory.flush,
  };
}

const taken = (use: TokenUse | string): TokenUse => (typeof use === 'string' ? assert.fail(use) : use);

test('a token for one time is used up at all nodes, and nothing of its id is told', async (t) => {
  const { node, asked } = stage(t);
  const [a, b] = [node('a'), node('b')];
  taken(await a.shared.take(once)).end();
  assert.equal(await b.shared.take(once), 'used');
  taken(await b.shared.take({ ...once, id: 'another' }));
  assert.ok(
    asked.every((call) => !call.includes('token"') && !call.includes('another')),
    asked.join('\n'),
  );
});

test('so many viewers are let in at all nodes together; whoever leaves makes room, once', async (t) => {
  const { node } = stage(t);
  const [a, b] = [node('a'), node('b')];
  const first = taken(await a.shared.take(forTwo));
  taken(await b.shared.take(forTwo));
  assert.equal(await b.shared.take(forTwo), 'full');
  first.end();
  first.end();
  await settled();
  taken(await b.shared.take(forTwo));
  assert.equal(await a.shared.take(forTwo), 'full');
});

test('of those who come at once as many are let in as there is room for', async (t) => {
  const { node } = stage(t);
  const [a, b] = [node('a'), node('b')];
  taken(await b.shared.take(forTwo));
  const uses = await Promise.all([1, 2, 3].map(() => a.shared.take(forTwo)));
  assert.equal(uses.filter((use) => use === 'full').length, 2);
});

test('viewers of a node that is not heard of do not count, and do again when it is back', async (t) => {
  const { node, lapse, announce } = stage(t);
  const [a, c] = [node('a'), node('c')];
  taken(await a.shared.take(forTwo));
  lapse();
  const [first] = [taken(await c.shared.take(forTwo)), taken(await c.shared.take(forTwo))];
  await announce('a');
  await a.back();
  await announce('c');
  first.end();
  await settled();
  assert.equal(await c.shared.take(forTwo), 'full');
});

test('a registry that has lost what it held is told again', async (t) => {
  const { node, flush, announce, tellAgain } = stage(t);
  const [a, b] = [node('a'), node('b')];
  taken(await a.shared.take(forTwo));
  taken(await a.shared.take(forTwo));
  flush();
  await announce('a');
  await tellAgain();
  assert.equal(await b.shared.take(forTwo), 'full');
});

test('a token that lets in anybody asks for nothing', async (t) => {
  const { node, asked } = stage(t);
  const a = node('a');
  taken(await a.shared.take(token)).end();
  assert.deepEqual(asked, []);
});

test('while the registry is away viewers are let in by each node for itself; what they used is told when it is back', async (t) => {
  const { node, reach } = stage(t);
  const [a, b] = [node('a'), node('b')];
  reach(false);
  taken(await a.shared.take(once));
  taken(await a.shared.take({ ...forTwo, id: 'few' }));
  taken(await b.shared.take({ ...forTwo, id: 'few', maxViewers: 1 }));
  reach(true);
  await a.back();
  await b.back();
  assert.equal(await b.shared.take(once), 'used');
  assert.equal(await a.shared.take({ ...forTwo, id: 'few' }), 'full');
});

test('a seat that is given back while another one is asked for is not lost', async (t) => {
  const { node } = stage(t);
  const [a, b] = [node('a'), node('b')];
  const first = taken(await a.shared.take(forTwo));
  const second = a.shared.take(forTwo);
  first.end();
  taken(await second);
  await settled();
  taken(await b.shared.take(forTwo));
  assert.equal(await b.shared.take(forTwo), 'full');
});
