/**
 * The records of the registry as they come back from it, checked: nodes of other versions write there too, and so may anybody who
 * has Redis. What has another form is as good as not there; fields that are not known are left out, and what a node of the version
 * before may not say has a default: each field that is added gets one.
 */
import { z } from 'zod';
import type { Claim, Edge, NodeRecord, RegistryChange, Suspect, WantedStream } from '../core/cluster/records.js';
import type { Revocation } from '../core/guard/passes.js';

const text = z.string();
const count = z.int().min(0);
const room = z.object({ cpu: count, kbps: count.nullable().default(null), streams: count, viewers: count });
const addresses = z.object({ http: text, ws: text, rtmp: text });

const nodeForm = z.object({
  nodeId: text.min(1),
  name: text,
  protocol: count,
  label: text.default(''),
  addresses,
  room,
  isDraining: z.boolean().default(false),
  trialKey: text.nullable().default(null),
}) satisfies z.ZodType<NodeRecord>;
const wantedForm = z.object({
  key: text.min(1),
  pullId: text,
  name: text.nullable(),
  label: text,
  sealed: text,
}) satisfies z.ZodType<WantedStream>;
const claimForm = z.object({
  key: text.min(1),
  nodeId: text.min(1),
  epoch: count.min(1),
  pullId: text,
  name: text.nullable(),
  shown: text,
}) satisfies z.ZodType<Claim>;
const edgeForm = z.object({
  key: text.min(1),
  nodeId: text.min(1),
  epoch: count,
  parentId: text,
  depth: count.min(1),
  viewers: count,
  delayMs: z.number().min(0).nullable().default(null),
}) satisfies z.ZodType<Edge>;
const suspectForm = z.object({
  key: text.min(1),
  dead: z.array(text),
  atMs: count,
}) satisfies z.ZodType<Suspect>;
const changeForm = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('node'), nodeId: text, node: nodeForm.nullable() }),
  z.object({ kind: z.literal('wanted'), key: text, wanted: wantedForm.nullable(), era: text.default('') }),
  z.object({ kind: z.literal('claim'), key: text, claim: claimForm.nullable() }),
  z.object({ kind: z.literal('edge'), key: text, nodeId: text, edge: edgeForm.nullable() }),
  z.object({ kind: z.literal('suspect'), key: text, suspect: suspectForm }),
]) satisfies z.ZodType<RegistryChange>;

const revocationForm = z.object({ id: text, untilS: z.number() }) satisfies z.ZodType<Revocation>;
/** Beside the changes of what a node's state machine knows. */
const revokedForm = z.object({ kind: z.literal('revoked'), revocation: revocationForm });

/** Null: it is no such record. */
const reader =
  <T>(form: z.ZodType<T>) =>
  (json: string): T | null =>
    form.safeParse(parsed(json)).data ?? null;

export const readNode = reader<NodeRecord>(nodeForm);
export const readWanted = reader<WantedStream>(wantedForm);
export const readClaim = reader<Claim>(claimForm);
export const readEdge = reader<Edge>(edgeForm);
export const readRevocation = reader<Revocation>(revocationForm);
export const readRevoked = reader<z.infer<typeof revokedForm>>(revokedForm);
export const readSuspect = reader<Suspect>(suspectForm);
export const readChange = reader<RegistryChange>(changeForm);

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
