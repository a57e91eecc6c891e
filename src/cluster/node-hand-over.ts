/** A node that drains: it takes nothing new, and waits until others have what it held. */
import { freeStreams } from '../core/cluster/placement.js';
import type { ClusterState } from './cluster-state.js';
import type { NodeLoop } from './node-loop.js';

interface HandOverOptions extends Pick<ClusterState, 'nodeId' | 'held'> {
  readonly loop: () => Pick<NodeLoop, 'view' | 'measure'>;
}

interface NodeHandOver extends Pick<ClusterState, 'handOver' | 'takeAgain'> {
  readonly isDraining: boolean;
  /** Something has changed. */
  look(): void;
}

export function createHandOver({ nodeId, held, loop }: HandOverOptions): NodeHandOver {
  const waiting = new Set<() => void>();
  let isDraining = false;

  const isOver = (): boolean => {
    const others = [...loop().view.nodes.values()].filter((other) => other.nodeId !== nodeId && freeStreams(other) > 0);
    return held().length === 0 || others.length === 0;
  };
  const drain = (isOn: boolean): void => {
    isDraining = isOn;
    loop().measure();
  };
  return {
    get isDraining() {
      return isDraining;
    },
    handOver: () =>
      new Promise((resolve) => {
        waiting.add(resolve);
        drain(true);
      }),
    takeAgain: () => drain(false),
    look() {
      if (!isDraining || waiting.size === 0 || !isOver()) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };
}
