/** What a node does about nodes that die, and what they may have died of (quarantine.ts). */
import { announce, type Local } from './local.js';
import type { Quarantine } from './member.js';
import { blamed, deathsOf, isSuspect, pauseMs, trialMs } from './quarantine.js';
import type { Stream } from './stream.js';

/** An owner and its edges that die of one stream do so at once; announcements, by which that is noticed, are 2 s apart. */
const togetherMs = 3000;

/** A node is gone that did not say so: what it had may be why. It is known still. */
export function noteDeath({ knowledge }: Local, nodeId: string, nowMs: number): void {
  const held = [...knowledge.streams.values()].filter((stream) => isHeld(stream, nodeId, nowMs));
  const isUsual = (stream: Stream): boolean => isSuspect(deathsOf(stream, knowledge.isAlive, nowMs));
  for (const stream of blamed(held, knowledge.nodes.get(nodeId)?.trialKey ?? null, isUsual)) {
    for (const id of [nodeId, ...stream.lostEdges.keys()]) stream.unreported.add(id);
    stream.lostEdges.clear();
    stream.deathMs = nowMs;
  }
}

/** It owned the stream; or followed an owner that died too: one that lives has the same bytes. */
function isHeld({ claim, edges, lostEdges, deathMs }: Stream, nodeId: string, nowMs: number): boolean {
  for (const [id, atMs] of lostEdges) if (nowMs - atMs > togetherMs) lostEdges.delete(id);
  if (claim?.nodeId === nodeId) return true;
  if (!edges.has(nodeId)) return false;
  if (nowMs - deathMs <= togetherMs) return true;
  lostEdges.set(nodeId, nowMs);
  return false;
}

/** It is heard of again, and was not dead. Gives whether that was held against the stream. */
export const forgive = ({ dead, unreported }: Stream, nodeId: string): boolean =>
  unreported.delete(nodeId) || dead.includes(nodeId);

/** Who died with it, as far as this node has noticed. */
export function reportDeaths({ knowledge, push }: Local, stream: Stream): void {
  const { key, unreported } = stream;
  for (const nodeId of unreported) {
    unreported.delete(nodeId);
    if (knowledge.isAlive(nodeId) || stream.dead.includes(nodeId)) continue;
    push({ kind: 'reportDeath', key, nodeId });
    stream.dead = [...stream.dead, nodeId];
  }
}

/** Until when nobody is to pull a suspect, or this node has another one to try; 0: it need not wait. */
export function leftAloneMs({ knowledge, trial }: Local, stream: Stream, nowMs: number): number {
  const deaths = deathsOf(stream, knowledge.isAlive, nowMs);
  if (!isSuspect(deaths)) return 0;
  const othersMs = trial === null || trial.key === stream.key ? 0 : trial.untilMs;
  return Math.max(stream.deathMs + pauseMs(deaths), othersMs);
}

/** It may be claimed now: a suspect when all have been told that this node tries it. */
export function mayClaim(local: Local, stream: Stream, nowMs: number): boolean {
  const { key } = stream;
  const deaths = deathsOf(stream, local.knowledge.isAlive, nowMs);
  if (!isSuspect(deaths)) return true;
  if (local.trial?.key === key) return local.trial.isTold;
  local.trial = { key, untilMs: nowMs + trialMs(deaths), isTold: false };
  announce(local);
  return false;
}

/** Another node has it: this one may try the next one. */
export function endTrial(local: Local, key: string, nowMs: number): void {
  if (local.trial?.key === key) local.trial.untilMs = nowMs;
}

/** Those that nobody pulls. */
export const quarantinedOf = ({ knowledge }: Local, nowMs: number): ReadonlyMap<string, Quarantine> =>
  new Map(
    [...knowledge.streams.values()].flatMap((stream): readonly (readonly [string, Quarantine])[] => {
      const { key, role, claim, deathMs } = stream;
      const deaths = deathsOf(stream, knowledge.isAlive, nowMs);
      const isPulled = role?.kind === 'owner' || (claim !== null && knowledge.isAlive(claim.nodeId));
      return isSuspect(deaths) && !isPulled ? [[key, { deaths, untilMs: deathMs + pauseMs(deaths) }]] : [];
    }),
  );
