/**
 * What nodes ask of each other by HTTP, at the address that viewers have of them too. Who asks proves by cluster.secret that it is a
 * node: by a mark of this one call, to this one node. Each answers for itself alone, so that nothing goes in circles.
 */
import { z } from 'zod';
import { nodeCall } from '../core/cluster/node-call.js';
import type { NodeRecord } from '../core/cluster/records.js';
import { isSameSecret } from '../core/guard/same-secret.js';
import { type ErrorCode, isErrorCode, readThrown, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { ClusterSecrets } from './contract.js';

const form = z.discriminatedUnion('kind', [
  /** Null: of any. */
  z.object({
    kind: z.literal('viewers'),
    streamId: z.string().nullable(),
    viewerId: z.string().nullable(),
    addresses: z.enum(['short', 'full']),
  }),
  z.object({ kind: z.literal('endViewer'), viewerId: z.string() }),
  z.object({ kind: z.literal('recordings') }),
  z.object({ kind: z.literal('tokens') }),
  /** For all who view the stream of this name, wherever; asked of its owner. */
  z.object({ kind: z.literal('event'), name: z.string(), payload: z.unknown() }),
]);

export type NodeCall = z.infer<typeof form>;

/** What a node answered. */
export interface NodeAnswer {
  readonly node: NodeRecord;
  readonly answer: unknown;
}

export interface NodeCalls {
  /** Errors: those of the other node, stream.notLive where it does not answer. */
  ask(node: NodeRecord, call: NodeCall): Promise<unknown>;
  /** All others, as many as answer in time. */
  askAll(call: NodeCall): Promise<readonly NodeAnswer[]>;
  /** Calls of this kind are answered by it from now on. */
  serve<Kind extends NodeCall['kind']>(
    kind: Kind,
    answer: (call: Extract<NodeCall, { readonly kind: Kind }>) => unknown,
  ): void;
  /** A call that came. Errors: link.denied, request.invalid, and those of what it asks for. */
  take(mark: string, body: string): Promise<unknown>;
}

interface NodeCallsOptions {
  readonly nodeId: string;
  readonly secrets: Pick<ClusterSecrets, 'callMark'>;
  /** By id; this one too. */
  readonly nodes: () => ReadonlyMap<string, NodeRecord>;
  readonly log: Logger;
}

/** Whoever waits for a list rather has it without a node that hangs. */
const answerMs = 2000;

const refusal = z.object({ code: z.custom<ErrorCode>(isErrorCode), detail: z.string().default('') });

export function createNodeCalls({ nodeId, secrets, nodes, log }: NodeCallsOptions): NodeCalls {
  const served = new Map<string, (call: NodeCall) => unknown>();

  const ask: NodeCalls['ask'] = async (node, call) => {
    const body = JSON.stringify(call);
    const response = await fetch(`${node.addresses.http}${nodeCall.path}`, {
      method: 'POST',
      redirect: 'error',
      headers: { 'Content-Type': 'application/json', [nodeCall.markHeader]: secrets.callMark(node.nodeId, body) },
      body,
      signal: AbortSignal.timeout(answerMs),
    }).catch((error: unknown) => {
      throw new SluiceError('stream.notLive', `node ${node.name} does not answer: ${readThrown(error).message}`);
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const { data } = refusal.safeParse(answer);
    throw new SluiceError(
      data?.code ?? 'stream.notLive',
      data?.detail ?? `node ${node.name}: status ${response.status}`,
    );
  };

  return {
    ask,
    async askAll(call) {
      const others = [...nodes().values()].filter((node) => node.nodeId !== nodeId);
      const answers = await Promise.all(
        others.map(async (node): Promise<readonly NodeAnswer[]> => {
          try {
            return [{ node, answer: await ask(node, call) }];
          } catch (error) {
            if (!(error instanceof SluiceError)) throw error;
            log('warn', 'cluster.nodeNotHeard', { node: node.name, call: call.kind, detail: error.detail });
            return [];
          }
        }),
      );
      return answers.flat();
    },
    serve(kind, answer) {
      served.set(kind, (call) => (isOfKind(call, kind) ? answer(call) : null));
    },
    async take(mark, body) {
      if (!isSameSecret(mark, secrets.callMark(nodeId, body))) throw new SluiceError('link.denied');
      const { data } = form.safeParse(JSON.parse(body));
      // Of a node of another version.
      if (data === undefined) throw new SluiceError('request.invalid', 'this node does not know the call');
      return served.get(data.kind)?.(data) ?? null;
    },
  };
}

const isOfKind = <Kind extends NodeCall['kind']>(
  call: NodeCall,
  kind: Kind,
): call is Extract<NodeCall, { readonly kind: Kind }> => call.kind === kind;
