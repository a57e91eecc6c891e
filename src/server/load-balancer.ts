/**
 * GET /loadbalancer: what WCS's SDK asks for before it connects (`createSession({ lbUrl })`; docs/wcs.md 3.11). The SDK takes the
 * host and one of the ports, and connects to its configured address when there is no answer for 5 s.
 */
import type { ClusterState } from '../cluster/cluster-state.js';
import type { NodeRecord } from '../core/cluster/records.js';
import { type Handle, type HttpRequest, jsonReply } from './http.js';

/** As the SDK names the ports: of ws://, of wss://, and of a player that is history. */
interface Balanced {
  readonly server: string;
  readonly ws: string;
  readonly wss: string;
  readonly flash: number;
}

interface LoadBalancerParts {
  /** Null: there is this server alone. */
  readonly cluster: Pick<ClusterState, 'view'> | null;
  /** Of this server. */
  readonly ports: { readonly wsPort: number; readonly wsTlsPort: number };
}

const flashPort = 1935;

export function createLoadBalancer({ cluster, ports }: LoadBalancerParts): Handle {
  return (request) => {
    const node = cluster === null ? null : roomiest(cluster.view().nodes);
    const { wsPort, wsTlsPort } = ports;
    const own = { server: hostOf(request), ws: String(wsPort), wss: String(wsTlsPort), flash: flashPort };
    return jsonReply(node === null ? own : addressOf(node, own));
  };
}

/** Null: none takes viewers, and this one is as good as any. */
function roomiest(nodes: readonly NodeRecord[]): NodeRecord | null {
  const open = nodes.filter(({ isDraining, room }) => !isDraining && room.viewers > 0);
  return open.reduce<NodeRecord | null>(
    (best, node) => (best === null || node.room.viewers > best.room.viewers ? node : best),
    null,
  );
}

/** A node tells one address: its other port is taken to be as ours. */
function addressOf({ addresses }: NodeRecord, own: Balanced): Balanced {
  const { hostname, port, protocol } = new URL(addresses.ws);
  const isTls = protocol === 'wss:';
  const told = port === '' ? (isTls ? '443' : '80') : port;
  return { server: hostname, ws: isTls ? own.ws : told, wss: isTls ? told : own.wss, flash: flashPort };
}

function hostOf(request: HttpRequest): string {
  const host = request.header('host');
  return host === '' ? 'localhost' : host.replace(/:\d+$/, '');
}
