/**
 * What one node of a cluster tells another beside the media of a link: calls (RTMP 1.0 7.1.1) that no other server makes, and that any
 * other player leaves unanswered. Pure.
 */
import type { Command } from './command.js';
import { packCall } from './play-server.js';

export type LinkCall =
  /** So much later than at its owner the stream is at the node that is told. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** For all who view the stream; JSON. */
  | { readonly kind: 'event'; readonly payload: string };

const names = { delay: 'sluiceDelay', event: 'sluiceEvent' } as const;

/** For a node that was let in. */
export const packLinkCall = (call: LinkCall): Uint8Array =>
  call.kind === 'delay' ? packCall(names.delay, call.delayMs) : packCall(names.event, call.payload);

/** Null: it is something else. The command object, which comes first, says nothing. */
export function readLinkCall({ name, args: [, value] }: Command): LinkCall | null {
  if (name === names.delay && typeof value === 'number' && value >= 0) return { kind: 'delay', delayMs: value };
  if (name === names.event && typeof value === 'string' && isJson(value)) return { kind: 'event', payload: value };
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
