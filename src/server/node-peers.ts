/** The other nodes of the cluster, as the server asks them and is asked by them. */
import type { NodeCalls } from '../cluster/node-calls.js';
import { nodeCall } from '../core/cluster/node-call.js';
import { SluiceError } from '../errors.js';
import { type Handle, jsonReply } from './http.js';

export interface NodePeers {
  /** Of this node; null: this server is in no cluster. */
  readonly name: string | null;
  /** Null: there are none. */
  readonly calls: NodeCalls | null;
}

/** POST /cluster/call: anybody may come, and is a node by the mark of the call alone. */
export const createCallHandler =
  (calls: NodeCalls | null): Handle =>
  async (request, body) => {
    if (calls === null) throw new SluiceError('route.notFound');
    return jsonReply(await calls.take(request.header(nodeCall.markHeader), body.toString()));
  };
