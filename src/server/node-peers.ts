/** The other nodes of the cluster, as the server asks them and is asked by them. */
import type { NodeCalls } from '../cluster/node-calls.js';
import { SluiceError } from '../errors.js';
import type { Handle } from './http.js';

export interface NodePeers {
  /** Of this node; null: this server is in no cluster. */
  readonly name: string | null;
  /** Null: there are none. */
  readonly calls: NodeCalls | null;
}

/** POST /cluster/call: anybody may come, and is a node by the seal of the call alone. */
export const createCallHandler =
  (calls: NodeCalls | null): Handle =>
  async ({ header }, body) => {
    if (calls === null) throw new SluiceError('route.notFound');
    const answer = await calls.take({ header, body });
    const type = typeof answer === 'string' ? 'application/json' : 'application/octet-stream';
    return { status: 200, headers: { 'Content-Type': type, 'Cache-Control': 'no-store' }, body: answer };
  };
