/** What a registry is to do, whatever it is made of: the same cases for Redis and for its twin in memory. */
import assert from 'node:assert/strict';
import type { Registry } from '../../../src/cluster/registry.js';
import type { RegistryChange } from '../../../src/core/cluster/records.js';
import { until } from '../until.js';
import { claimWish, edgeRecord, nodeRecord, wantedStream } from './records.js';

export interface RegistryStage {
  /** Of one more node. */
  open(): Promise<Registry>;
  /** All leases end now. */
  lapse(): Promise<void>;
  /** All that it holds is deleted, while it runs. */
  flush(): Promise<void>;
}

export interface RegistryCase {
  readonly name: string;
  run(stage: RegistryStage): Promise<void>;
}

const refusal = async (asked: ReturnType<Registry['want']>) => (await asked).refusal;

/** Epochs are above the milliseconds of a clock. */
const firstEpoch = 1_700_000_000_000;

const wantedCases: readonly RegistryCase[] = [
  {
    name: 'a stream is wanted by its key and its name at once, or not at all',
    async run({ open }) {
      const registry = await open();
      const one = wantedStream('one', { name: 'cam' });
      assert.equal(await refusal(registry.want(one)), null);
      assert.equal(await refusal(registry.want(one)), null, 'asked again for the same pull');
      assert.equal(await refusal(registry.want(wantedStream('one', { name: 'other' }))), 'pull.conflict');
      assert.equal(await refusal(registry.want(wantedStream('two', { name: 'cam' }))), 'pull.nameTaken');
      assert.equal(
        await refusal(registry.want(wantedStream('two', { name: 'other' }))),
        null,
        'nothing was left of it',
      );
      assert.equal(await refusal(registry.want(wantedStream('three'))), null);
      assert.equal(
        await refusal(registry.want(wantedStream('four'))),
        null,
        'those without a name have none in common',
      );
      const { wanted } = await registry.read();
      assert.deepEqual(wanted.map(({ key, name }) => [key, name]).sort(), [
        ['four', null],
        ['one', 'cam'],
        ['three', null],
        ['two', 'other'],
      ]);
    },
  },
  {
    name: 'a stream that is not wanted any more gives its name back; that of another pull stays',
    async run({ open }) {
      const registry = await open();
      const one = wantedStream('one', { name: 'Kamera für alle: 1' });
      await registry.want(one);
      await registry.unwant('one', 'another pull');
      assert.deepEqual((await registry.read()).wanted, [one]);
      await registry.unwant('one', one.pullId);
      assert.deepEqual((await registry.read()).wanted, []);
      assert.equal(await refusal(registry.want(wantedStream('two', { name: one.name }))), null);
    },
  },
  {
    name: 'another name frees the one before, if nobody has it',
    async run({ open }) {
      const registry = await open();
      const [one, two] = [wantedStream('one', { name: 'a' }), wantedStream('two', { name: 'b' })];
      assert.equal(await registry.rewant(one), 'pull.notFound');
      await registry.want(one);
      await registry.want(two);
      assert.equal(await registry.rewant({ ...one, name: 'b' }), 'pull.nameTaken');
      assert.equal(await registry.rewant({ ...one, name: 'c' }), null);
      assert.equal(await registry.rewant({ ...two, name: 'a' }), null);
      assert.equal(await registry.rewant({ ...two, name: null }), null);
      assert.equal(await registry.rewant({ ...one, name: 'a' }), null);
    },
  },
];

const claimCases: readonly RegistryCase[] = [
  {
    name: 'one node owns a stream, and each owner has a higher epoch',
    async run({ open, lapse }) {
      const registry = await open();
      const first = await registry.claim(claimWish('one', 'a'), 0);
      assert.deepEqual(first, { ...claimWish('one', 'a'), epoch: first.epoch });
      assert.ok(first.epoch > firstEpoch);
      const { epoch } = first;
      assert.deepEqual(await registry.claim(claimWish('one', 'b'), 0), first, 'it is told whose it is');
      assert.deepEqual(await registry.claim(claimWish('one', 'b'), epoch), first, 'its epoch is not lower');
      await registry.release(first);
      let last = epoch;
      const claimed = async (nodeId: string, above: number): Promise<void> => {
        const claim = await registry.claim(claimWish('one', nodeId), above);
        assert.equal(claim.nodeId, nodeId);
        assert.ok(claim.epoch > last && claim.epoch > above);
        last = claim.epoch;
      };
      await claimed('b', 0);
      await lapse();
      await claimed('c', 0);
      // Of another clock, which is far ahead: in place of a lower one, and remembered.
      await claimed('d', last + 3_600_000);
      await lapse();
      await claimed('e', 0);
    },
  },
  {
    name: 'an owner whose answer was lost is answered again',
    async run({ open }) {
      const registry = await open();
      const first = await registry.claim(claimWish('one', 'a'), 3);
      assert.deepEqual(await registry.claim(claimWish('one', 'a'), 3), first);
      const above = first.epoch + 7_000;
      assert.equal((await registry.claim(claimWish('one', 'a'), above)).epoch, above + 1);
    },
  },
  {
    name: 'of many that claim at once one is granted, and all are told which',
    async run({ open }) {
      const registries = await Promise.all([open(), open(), open()]);
      const asked = registries.flatMap((registry, n) =>
        ['x', 'y', 'z'].map((node) => registry.claim(claimWish('one', `${node}${n}`), 0)),
      );
      const [first, ...others] = await Promise.all(asked);
      for (const claim of others) assert.deepEqual(claim, first);
      assert.deepEqual((await registries[0]?.read())?.claims, [first]);
    },
  },
  {
    name: 'claims are renewed in one call, each of its owner and epoch alone',
    async run({ open, lapse }) {
      const registry = await open();
      const mine = await Promise.all(
        Array.from({ length: 250 }, (_, n) => registry.claim(claimWish(`stream ${n}`, 'a'), n)),
      );
      const others = await registry.claim(claimWish('other', 'b'), 0);
      const shown = mine.map((claim) => ({ ...claim, shown: '{"state":"PROCESSED_REMOTE"}' }));
      assert.ok((await registry.renew(shown)).every((held) => held));
      const wrong = [
        { ...others, nodeId: 'a' },
        { ...others, epoch: others.epoch + 1 },
        { ...others, key: 'nobody' },
        others,
      ];
      assert.deepEqual(await registry.renew(wrong), [false, false, false, true]);
      const { claims } = await registry.read();
      assert.equal(claims.length, 251);
      assert.equal(claims.filter((claim) => claim.shown === shown[0]?.shown).length, 250);
      await lapse();
      assert.deepEqual(await registry.renew(mine.slice(0, 2)), [false, false]);
      assert.deepEqual(await registry.renew([]), []);
    },
  },
  {
    name: 'what another node owns is not released',
    async run({ open }) {
      const registry = await open();
      const claim = await registry.claim(claimWish('one', 'a'), 0);
      await registry.release({ ...claim, nodeId: 'b' });
      await registry.release({ ...claim, epoch: claim.epoch + 1 });
      assert.deepEqual((await registry.read()).claims, [claim]);
      await registry.release(claim);
      assert.deepEqual((await registry.read()).claims, []);
    },
  },
];

const viewCases: readonly RegistryCase[] = [
  {
    name: 'all is read by every node; what has no lease any more is gone, and what is wanted stays',
    async run({ open, lapse }) {
      const [registry, other] = await Promise.all([open(), open()]);
      const wanted = wantedStream('one', { name: 'cam', label: 'eu' });
      await registry.announce(nodeRecord('a'));
      await registry.announce(nodeRecord('a', { isDraining: true }));
      await other.announce(nodeRecord('b'));
      await registry.want(wanted);
      const claim = await registry.claim(claimWish('one', 'a'), 0);
      const edge = edgeRecord('one', 'b', { parentId: 'a' });
      await other.follow([edge, edgeRecord('two', 'b')]);
      await other.unfollow('two', 'b');
      const { era, nodes, clockMs, suspects, ...rest } = await other.read();
      assert.deepEqual(suspects, []);
      assert.ok(clockMs > firstEpoch);
      assert.deepEqual(rest, { wanted: [wanted], claims: [claim], edges: [edge], revoked: [] });
      assert.deepEqual(
        new Map(nodes.map((node) => [node.nodeId, node.isDraining])),
        new Map([
          ['a', true],
          ['b', false],
        ]),
      );
      await other.withdraw('b');
      assert.deepEqual((await registry.read()).nodes, [nodeRecord('a', { isDraining: true })]);
      await lapse();
      const last = await registry.read();
      assert.deepEqual([last.era, last.nodes, last.wanted, last.claims, last.edges], [era, [], [wanted], [], []]);
      assert.notEqual(era, '');
    },
  },
  {
    name: 'changes are told to all nodes, and what is as it was is told to nobody',
    async run({ open }) {
      const [registry, other] = await Promise.all([open(), open()]);
      const heard: RegistryChange[][] = [[], []];
      registry.onChange((change) => heard[0]?.push(change));
      other.onChange((change) => heard[1]?.push(change));
      const [node, wanted, edge] = [nodeRecord('a'), wantedStream('one', { name: 'cam' }), edgeRecord('one', 'b')];
      const era = await registry.announce(node);
      await registry.want(wanted);
      const claim = await registry.claim(claimWish('one', 'a'), 0);
      await registry.renew([claim]);
      await registry.renew([{ ...claim, shown: '{"viewers":1}' }]);
      await other.follow([edge]);
      await other.follow([edge]);
      await registry.rewant({ ...wanted, name: 'cam2' });
      await registry.announce(node);
      await other.unfollow('one', 'b');
      await other.unfollow('one', 'b');
      await registry.release(claim);
      await registry.unwant('one', wanted.pullId);
      await registry.withdraw('a');
      const expected: readonly RegistryChange[] = [
        { kind: 'node', nodeId: 'a', node },
        { kind: 'wanted', key: 'one', wanted, era },
        { kind: 'claim', key: 'one', claim },
        { kind: 'claim', key: 'one', claim: { ...claim, shown: '{"viewers":1}' } },
        { kind: 'edge', key: 'one', nodeId: 'b', edge },
        { kind: 'wanted', key: 'one', wanted: { ...wanted, name: 'cam2' }, era },
        { kind: 'node', nodeId: 'a', node },
        { kind: 'edge', key: 'one', nodeId: 'b', edge: null },
        { kind: 'claim', key: 'one', claim: null },
        { kind: 'wanted', key: 'one', wanted: null, era: '' },
        { kind: 'node', nodeId: 'a', node: null },
      ];
      for (const changes of heard) {
        await until('the last one is heard', () => changes.length >= expected.length);
        assert.deepEqual(changes, expected);
      }
    },
  },
];

const eraCases: readonly RegistryCase[] = [
  {
    name: 'a registry of which all was deleted is of another era, as every answer and change of it tells',
    async run({ open, flush }) {
      const [registry, other] = await Promise.all([open(), open()]);
      const wanted = wantedStream('one', { name: 'cam' });
      const told: string[] = [];
      registry.onChange((change) => {
        if (change.kind === 'wanted' && change.wanted !== null) told.push(change.era);
      });
      const erasOf = async (one: Registry): Promise<ReadonlySet<string>> => {
        const { era: ofWant } = await one.want(wanted);
        return new Set([await one.announce(nodeRecord('a')), ofWant, (await one.read()).era]);
      };
      const before = await erasOf(registry);
      assert.deepEqual(await erasOf(other), before);
      assert.equal(await registry.rewant({ ...wanted, name: 'cam2' }), null);
      await until('both changes are told', () => told.length === 2);
      assert.deepEqual(new Set(told), before);
      await flush();
      assert.deepEqual((await other.read()).wanted, []);
      const after = await erasOf(registry);
      assert.deepEqual(await erasOf(other), after);
      await until('the change is told', () => told.length === 3);
      assert.deepEqual([before.size, after.size, new Set([...before, ...after]).size], [1, 1, 2]);
      assert.ok(after.has(told[2] ?? ''));
    },
  },
];

const suspectCases: readonly RegistryCase[] = [
  {
    name: 'the nodes that a stream died with are kept, each once, and no more than sixteen; all are told',
    async run({ open }) {
      const [registry, other] = await Promise.all([open(), open()]);
      const heard: RegistryChange[] = [];
      other.onChange((change) => heard.push(change));
      await registry.reportDeath('one', 'a');
      await other.reportDeath('one', 'a');
      await other.reportDeath('one', 'b');
      const { suspects, clockMs } = await registry.read();
      assert.deepEqual(
        suspects.map(({ key, dead }) => [key, dead]),
        [['one', ['a', 'b']]],
      );
      const [{ atMs = 0 } = {}] = suspects;
      assert.ok(atMs > firstEpoch && atMs <= clockMs && clockMs < atMs + 60_000, `${atMs}, ${clockMs}`);
      await until('both deaths are told', () => heard.length === 2);
      assert.deepEqual(heard[1], { kind: 'suspect', key: 'one', suspect: suspects[0] });
      const more = Array.from({ length: 16 }, (_, n) => `node ${n}`);
      for (const nodeId of more) await registry.reportDeath('one', nodeId);
      assert.deepEqual((await other.read()).suspects[0]?.dead, more);
    },
  },
];

export const registryCases: readonly RegistryCase[] = [
  ...wantedCases,
  ...claimCases,
  ...viewCases,
  ...eraCases,
  ...suspectCases,
];
