/**
 * What nodes ask of each other by HTTP, at the address that viewers have of them too. Who asks proves by cluster.secret that it is a
 * node: the call is sealed for this one node, and taken once (core/cluster/node-call.ts). Each answers for itself alone, so that
 * nothing goes in circles.
 */
import { z } from 'zod';
import { createCallNumbers } from '../core/cluster/call-numbers.js';
import { type CallWay, nodeCall } from '../core/cluster/node-call.js';
import type { NodeRecord } from '../core/cluster/records.js';
import { isSameSecret } from '../core/guard/same-secret.js';
import { type ErrorCode, isErrorCode, readThrown, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { ClusterSecrets } from './contract.js';
import { sealsCalls } from './protocol.js';

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
  /** A call that came. Errors: link.denied; request.invalid and those of what it asks for, where it came in clear. */
  take(call: ReceivedCall): Promise<Uint8Array | string>;
}

/** As HTTP has it. `header`: of this name; empty: there is none. */
export interface ReceivedCall {
  readonly header: (name: string) => string;
  readonly body: Buffer;
}

interface NodeCallsOptions {
  readonly nodeId: string;
  readonly secrets: Pick<ClusterSecrets, 'callMark' | 'sealCall' | 'openCall'>;
  /** By id; this one too. */
  readonly nodes: () => ReadonlyMap<string, NodeRecord>;
  readonly log: Logger;
}

/** Whoever waits for a list rather has it without a node that hangs. */
const answerMs = 2000;

const refusal = z.object({ code: z.custom<ErrorCode>(isErrorCode), detail: z.string().default('') });
const sealedAnswer = z.object({ answer: z.unknown().optional(), refused: refusal.optional() });

export function createNodeCalls({ nodeId, secrets, nodes, log }: NodeCallsOptions): NodeCalls {
  const served = new Map<string, (call: NodeCall) => unknown>();
  const numbers = createCallNumbers((id) => nodes().has(id));

  const askSealed = async (node: NodeRecord, call: NodeCall): Promise<unknown> => {
    const way: CallWay = { from: nodeId, to: node.nodeId, number: numbers.next(node.nodeId) };
    const headers = { [nodeCall.fromHeader]: nodeId, [nodeCall.numberHeader]: String(way.number) };
    const body = secrets.sealCall(way, 'call', JSON.stringify(call));
    const response = await post(node, new Uint8Array(body), 'application/octet-stream', headers);
    const sealed = response.ok ? Buffer.from(await response.arrayBuffer().catch(() => new ArrayBuffer(0))) : null;
    const text = sealed === null ? null : secrets.openCall(way, 'answer', sealed);
    if (text === null) throw new SluiceError('stream.notLive', `node ${node.name}: status ${response.status}`);
    const { answer, refused } = sealedAnswer.parse(JSON.parse(text));
    if (refused !== undefined) throw new SluiceError(refused.code, refused.detail);
    return answer;
  };
  const ask: NodeCalls['ask'] = (node, call) =>
    sealsCalls(node) ? askSealed(node, call) : askInClear(node, JSON.stringify(call), secrets);

  const answerTo = async (body: string): Promise<unknown> => {
    const { data } = form.safeParse(JSON.parse(body));
    // Of a node of another version.
    if (data === undefined) throw new SluiceError('request.invalid', 'this node does not know the call');
    return (await served.get(data.kind)?.(data)) ?? null;
  };
  const takeSealed = async (way: CallWay, body: Buffer): Promise<Uint8Array> => {
    const text = secrets.openCall(way, 'call', body);
    if (text === null || !numbers.accept(way.from, way.number)) throw new SluiceError('link.denied');
    const result = await answerTo(text).then((answer) => ({ answer }), refusedBy);
    return secrets.sealCall(way, 'answer', JSON.stringify(result));
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
    async take({ header, body }) {
      const from = header(nodeCall.fromHeader);
      if (from !== '') return takeSealed({ from, to: nodeId, number: Number(header(nodeCall.numberHeader)) }, body);
      const text = body.toString();
      const isMarked = isSameSecret(header(nodeCall.markHeader), secrets.callMark(nodeId, text));
      // As long as there is a node that cannot ask otherwise.
      if (!isMarked || [...nodes().values()].every(sealsCalls)) throw new SluiceError('link.denied');
      return JSON.stringify(await answerTo(text));
    },
  };
}

type Headers = Readonly<Record<string, string>>;

async function post(
  node: NodeRecord,
  body: Uint8Array<ArrayBuffer> | string,
  type: string,
  headers: Headers,
): Promise<Response> {
  return fetch(`${node.addresses.http}${nodeCall.path}`, {
    method: 'POST',
    redirect: 'error',
    headers: { 'Content-Type': type, ...headers },
    body,
    signal: AbortSignal.timeout(answerMs),
  }).catch((error: unknown) => {
    throw new SluiceError('stream.notLive', `node ${node.name} does not answer: ${readThrown(error).message}`);
  });
}

async function askInClear(
  node: NodeRecord,
  body: string,
  { callMark }: Pick<ClusterSecrets, 'callMark'>,
): Promise<unknown> {
  const mark = { [nodeCall.markHeader]: callMark(node.nodeId, body) };
  const response = await post(node, body, 'application/json', mark);
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  const { data } = refusal.safeParse(answer);
  throw new SluiceError(data?.code ?? 'stream.notLive', data?.detail ?? `node ${node.name}: status ${response.status}`);
}

/** What a node could not do is told sealed as well; a fault of ours is none of its answers. */
function refusedBy(error: unknown): { readonly refused: z.infer<typeof refusal> } {
  if (!(error instanceof SluiceError)) throw error;
  return { refused: { code: error.code, detail: error.detail } };
}

const isOfKind = <Kind extends NodeCall['kind']>(
  call: NodeCall,
  kind: Kind,
): call is Extract<NodeCall, { readonly kind: Kind }> => call.kind === kind;
