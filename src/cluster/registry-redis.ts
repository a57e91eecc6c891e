/**
 * The registry in Redis or Valkey, 7 and later. `PREFIX:node:ID`, `PREFIX:claim:{KEY}` and `PREFIX:edge:{KEY}:ID` end with their
 * lease, `PREFIX:wanted:KEY` and `PREFIX:name:NAME` (whose stream is wanted by this name) when a stream is not wanted any more, and
 * `PREFIX:epoch:{KEY}` a day after the last claim, `PREFIX:suspect:KEY` ten minutes after the last death of a node that had it,
 * `PREFIX:revoked:ID` when no token of this id can be good any more, `PREFIX:used:TOKEN` when that one cannot, and `PREFIX:seats:TOKEN`
 * (how many play by it at each node) three minutes after they were told last; `PREFIX:era` stays. Changes are published on `PREFIX:changes`.
 * Loaded where cluster.redis is set alone.
 */
import { randomUUID } from 'node:crypto';
import { times } from '../core/cluster/member.js';
import { deathsKeptMs } from '../core/cluster/quarantine.js';
import type {
  Claim,
  Edge,
  NodeRecord,
  RegistryChange,
  RegistryReading,
  Suspect,
  WantedStream,
} from '../core/cluster/records.js';
import type { Revocation } from '../core/guard/passes.js';
import { SluiceError } from '../errors.js';
import {
  readChange,
  readClaim,
  readEdge,
  readNode,
  readRevocation,
  readRevoked,
  readSuspect,
  readWanted,
} from './record-forms.js';
import { openRedisLink, type RedisLink, type RedisTarget } from './redis-link.js';
import { redisTokens } from './redis-tokens.js';
import { deadKept, epochKeptMs, type Registry, type RegistryContents, type Wanted } from './registry.js';

/** Of one step of SCAN, and of one MGET. */
const keysAtOnce = 500;
/** More would keep Redis from others for too long. */
const claimsAtOnce = 100;
const lease = String(times.leaseMs);
const epochKept = String(epochKeptMs);

/** Without a server it is there all the same: every call rejects with registry.unreachable. */
export async function openRedisRegistry(target: RedisTarget, prefix: string): Promise<Registry> {
  const keys = keysOf(prefix);
  let onChange: (change: RegistryChange) => void = () => {};
  /** Nobody has asked yet. */
  let onGap = (): void => {};
  let onRevoked: (revocation: Revocation) => void = () => {};
  const link = await openRedisLink({
    target,
    channel: keys.changes,
    onMessage(text) {
      const change = readChange(text);
      if (change !== null) return onChange(change);
      const { revocation } = readRevoked(text) ?? {};
      if (revocation !== undefined) onRevoked(revocation);
    },
    onBack: () => onGap(),
  });

  const store = async <Refusal extends string>(
    name: 'want' | 'rewant',
    stream: WantedStream,
    refusals: readonly Refusal[],
  ): Promise<Wanted<Refusal>> => {
    const { key, pullId, name: given } = stream;
    const names = given === null ? [] : [keys.name(given)];
    const ofStream = [JSON.stringify(stream), pullId, key];
    const args = [...ofStream, keys.wanted(''), keys.changes, wantedHead(stream), keys.name(''), randomUUID()];
    const answer = await link.call((client) => client[name]([keys.wanted(key), keys.era, ...names], args));
    const [era, refused] = Array.isArray(answer) ? answer.map(String) : [];
    return { refusal: refusals.find((refusal) => refusal === refused) ?? null, era: era ?? '' };
  };
  const look = async (): Promise<Pick<RegistryReading, 'era' | 'clockMs'>> => {
    const answer = await link.call((client) => client.look([keys.era], [randomUUID()]));
    const [era, clockMs] = Array.isArray(answer) ? answer : [];
    return { era: String(era), clockMs: Number(clockMs) };
  };
  const remove = async (key: string, change: RegistryChange): Promise<void> => {
    await link.call((client) => client.remove([key], [keys.changes, changed(change)]));
  };

  return {
    get isReachable() {
      return link.isReachable;
    },
    read: () => readAll({ link, keys, prefix, look }),
    want: (stream) => store('want', stream, ['pull.conflict', 'pull.nameTaken']),
    rewant: async (stream) => (await store('rewant', stream, ['pull.notFound', 'pull.nameTaken'])).refusal,
    async unwant(key, pullId) {
      const args = [pullId, keys.name(''), keys.changes, changed({ kind: 'wanted', key, wanted: null, era: '' })];
      await link.call((client) => client.unwant([keys.wanted(key)], args));
    },
    async announce(node) {
      const { nodeId } = node;
      const args = [JSON.stringify(node), lease, keys.changes, changed({ kind: 'node', nodeId, node }), randomUUID()];
      return String(await link.call((client) => client.announce([keys.node(nodeId), keys.era], args)));
    },
    withdraw: (nodeId) => remove(keys.node(nodeId), { kind: 'node', nodeId, node: null }),
    async claim(wish, above) {
      const { key, nodeId } = wish;
      const args = [recordBehindEpoch(wish), nodeId, String(above), lease, epochKept, keys.changes, claimHead(key)];
      const record = await link.call((client) => client.claim([keys.claim(key), keys.epoch(key)], args));
      const claim = typeof record === 'string' ? readClaim(record) : null;
      // What a node of another version has written there: its claim counts, and nobody takes it until it ends.
      if (claim === null) throw new SluiceError('registry.unreachable', 'a claim cannot be read');
      return claim;
    },
    async renew(claims) {
      const held: boolean[] = [];
      for (let from = 0; from < claims.length; from += claimsAtOnce) {
        const some = claims.slice(from, from + claimsAtOnce);
        const names = some.flatMap(({ key }) => [keys.claim(key), keys.epoch(key)]);
        const args = [lease, epochKept, keys.changes, ...some.flatMap(renewal)];
        const answer = await link.call((client) => client.renew(names, args));
        held.push(...some.map((_, n) => Array.isArray(answer) && answer[n] === 1));
      }
      return held;
    },
    async release({ key, nodeId, epoch }) {
      const args = [nodeId, String(epoch), keys.changes, changed({ kind: 'claim', key, claim: null })];
      await link.call((client) => client.release([keys.claim(key)], args));
    },
    async follow(edges) {
      if (edges.length === 0) return;
      const names = edges.map(({ key, nodeId }) => keys.edge(key, nodeId));
      const records = edges.flatMap((edge) => {
        const { key, nodeId } = edge;
        return [JSON.stringify(edge), changed({ kind: 'edge', key, nodeId, edge })];
      });
      await link.call((client) => client.follow(names, [lease, keys.changes, ...records]));
    },
    unfollow: (key, nodeId) => remove(keys.edge(key, nodeId), { kind: 'edge', key, nodeId, edge: null }),
    async revoke(revocation, forMs) {
      const args = [JSON.stringify(revocation), String(Math.ceil(forMs)), keys.changes, revokedNews(revocation)];
      await link.call((client) => client.put([keys.revoked(revocation.id)], args));
    },
    onRevoked(listener) {
      onRevoked = listener;
    },
    async reportDeath(key, nodeId) {
      const args = [nodeId, key, String(deadKept), String(deathsKeptMs), keys.changes, suspectHead(key)];
      await link.call((client) => client.reportDeath([keys.suspect(key)], args));
    },
    ...redisTokens(link, prefix),
    evictionPolicy: async () => policyIn(await link.call((client) => client.info('memory'))),
    onChange(listener) {
      onChange = listener;
    },
    onGap(listener) {
      onGap = listener;
    },
    close: async () => link.close(),
  };
}

interface ReadParts {
  readonly link: RedisLink;
  readonly keys: ReturnType<typeof keysOf>;
  readonly prefix: string;
  readonly look: () => Promise<Pick<RegistryReading, 'era' | 'clockMs'>>;
}

async function readAll({ link, keys, prefix, look }: ReadParts): Promise<RegistryContents> {
  const { era, clockMs } = await look();
  const view = emptyView(era, clockMs);
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const found = await link.call((client) => client.scan(cursor, { MATCH: `${prefix}:*`, COUNT: keysAtOnce }));
    cursor = found.cursor;
    const fresh = found.keys.filter((key) => !seen.has(key) && keys.isRecord(key));
    for (const key of fresh) seen.add(key);
    if (fresh.length === 0) continue;
    const records = await link.call((client) => client.mGet(fresh));
    for (const [n, record] of records.entries()) if (record !== null) keys.add(view, fresh[n] ?? '', record);
  } while (cursor !== '0');
  // It would tell of streams that are not there yet again as of ones that were terminated.
  if ((await look()).era !== era)
    throw new SluiceError('registry.unreachable', 'it was started anew, or emptied, while it was read');
  return view;
}

const changed = (change: RegistryChange): string => JSON.stringify(change);

const revokedNews = (revocation: Revocation): string => JSON.stringify({ kind: 'revoked', revocation });
const policyIn = (info: string): string | null => /^maxmemory_policy:([\w-]+)/m.exec(info)?.[1] ?? null;

/** What is published of a stream that is wanted, up to the era, which Redis knows. */
const wantedHead = (stream: WantedStream): string =>
  `{"kind":"wanted","key":${JSON.stringify(stream.key)},"wanted":${JSON.stringify(stream)},"era":"`;

/** What is published of a claim, up to its record: Redis knows that first. */
const claimHead = (key: string): string => `{"kind":"claim","key":${JSON.stringify(key)},"claim":`;

const suspectHead = (key: string): string => `{"kind":"suspect","key":${JSON.stringify(key)},"suspect":`;

/** In one order of its fields always: what is as it was is told to nobody. */
const recordBehindEpoch = ({ key, nodeId, pullId, name, shown }: Omit<Claim, 'epoch'>): string =>
  JSON.stringify({ key, nodeId, pullId, name, shown }).slice(1);

function renewal(claim: Claim): readonly string[] {
  const record = `{"epoch":${claim.epoch},${recordBehindEpoch(claim)}`;
  return [claim.nodeId, String(claim.epoch), record, `${claimHead(claim.key)}${record}}`];
}

interface GrowingView extends RegistryContents {
  readonly nodes: NodeRecord[];
  readonly wanted: WantedStream[];
  readonly claims: Claim[];
  readonly edges: Edge[];
  readonly suspects: Suspect[];
  readonly revoked: Revocation[];
}

const emptyView = (era: string, clockMs: number): GrowingView => ({
  era,
  clockMs,
  nodes: [],
  wanted: [],
  claims: [],
  edges: [],
  suspects: [],
  revoked: [],
});

function keysOf(prefix: string) {
  const kindOf = (key: string): string => key.slice(prefix.length + 1).split(':', 1)[0] ?? '';
  const put = <T>(list: T[], record: T | null): void => {
    if (record !== null) list.push(record);
  };
  return {
    changes: `${prefix}:changes`,
    era: `${prefix}:era`,
    node: (nodeId: string): string => `${prefix}:node:${nodeId}`,
    wanted: (key: string): string => `${prefix}:wanted:${key}`,
    name: (name: string): string => `${prefix}:name:${name}`,
    claim: (key: string): string => `${prefix}:claim:{${key}}`,
    epoch: (key: string): string => `${prefix}:epoch:{${key}}`,
    edge: (key: string, nodeId: string): string => `${prefix}:edge:{${key}}:${nodeId}`,
    revoked: (id: string): string => `${prefix}:revoked:${id}`,
    suspect: (key: string): string => `${prefix}:suspect:${key}`,
    /** Names, epochs, tokens and the era are read by scripts alone. */
    isRecord: (key: string): boolean => ['node', 'wanted', 'claim', 'edge', 'suspect', 'revoked'].includes(kindOf(key)),
    add(view: GrowingView, key: string, record: string): void {
      const kind = kindOf(key);
      if (kind === 'node') put(view.nodes, readNode(record));
      else if (kind === 'wanted') put(view.wanted, readWanted(record));
      else if (kind === 'claim') put(view.claims, readClaim(record));
      else if (kind === 'edge') put(view.edges, readEdge(record));
      else if (kind === 'suspect') put(view.suspects, readSuspect(record));
      else put(view.revoked, readRevocation(record));
    },
  };
}
