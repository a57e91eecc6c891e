/** What the streams of a cluster go by: each is found by its name, its address or its id, whichever node has it. */
import { isSourceAddress } from '../core/source/schemes.js';
import type { ClusterNode, ClusterSecrets } from './contract.js';

export interface StreamNames {
  /** By name or address; undefined: nobody has this name, and it is no address. Of an address nobody need want the stream. */
  keyOf(name: string): string | undefined;
  byPullId(pullId: string): string | undefined;
}

interface Known {
  readonly name: string | null;
  readonly pullIds: readonly string[];
}

export function createStreamNames(
  node: Pick<ClusterNode, 'view' | 'onChange'>,
  secrets: Pick<ClusterSecrets, 'streamKey'>,
): StreamNames {
  const known = new Map<string, Known>();
  const byName = new Map<string, string>();
  const byPullId = new Map<string, string>();

  const forget = (key: string): void => {
    const { name, pullIds } = known.get(key) ?? { name: null, pullIds: [] };
    known.delete(key);
    if (name !== null && byName.get(name) === key) byName.delete(name);
    for (const pullId of pullIds) if (byPullId.get(pullId) === key) byPullId.delete(pullId);
  };
  const learn = (key: string): void => {
    forget(key);
    const wanted = node.view.wanted.get(key);
    const claim = node.view.claims.get(key);
    if (wanted === undefined && claim === undefined) return;
    const name = (wanted ?? claim)?.name ?? null;
    const pullIds = [wanted, claim].flatMap((record) => record?.pullId ?? []);
    known.set(key, { name, pullIds });
    if (name !== null) byName.set(name, key);
    for (const pullId of pullIds) byPullId.set(pullId, key);
  };
  const learnAll = (): void => {
    const { wanted, claims } = node.view;
    for (const key of new Set([...known.keys(), ...wanted.keys(), ...claims.keys()])) learn(key);
  };

  node.onChange((key) => (key === null ? learnAll() : learn(key)));
  learnAll();
  return {
    keyOf: (name) => byName.get(name) ?? (isSourceAddress(name) ? secrets.streamKey(name) : undefined),
    byPullId: (pullId) => byPullId.get(pullId),
  };
}
