/** What happens in the cluster, as lines of the log: the events of ClusterState are their names. */
import type { Logger, LogLevel } from '../log-line.js';
import type { ClusterEvent, ClusterState } from './cluster-state.js';

const levels: Readonly<Record<ClusterEvent['kind'], LogLevel>> = {
  joined: 'info',
  nodeCame: 'info',
  nodeLeft: 'info',
  nodeLost: 'warn',
  claimed: 'info',
  fenced: 'warn',
  gaveWay: 'info',
  linkMoved: 'info',
  refusedNode: 'error',
  quarantined: 'error',
  registryEvicts: 'warn',
  registryLost: 'error',
  registryBack: 'info',
};

export function logCluster({ name: node, onEvent }: Pick<ClusterState, 'name' | 'onEvent'>, log: Logger): void {
  onEvent(({ kind, ...fields }) => log(levels[kind], `cluster.${kind}`, { node, ...fields }));
}
