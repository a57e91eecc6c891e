/** `sluice drain`: a server takes nothing new, hands over what it has, and ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../web/api-client.js';
import { HttpRefusal } from '../web/http-refusal.js';

interface DrainWish {
  /** Null: as the server has it. */
  readonly afterMs: number | null;
  readonly isTakenBack: boolean;
}

const lookEveryMs = 250;

/**
 * `write`: what happens, as it happens. Resolves when the server is gone, or serves again, with the exit code: 0 as it was wished.
 * Errors: HttpRefusal.
 */
export async function drainServer(
  server: ApiClient,
  { afterMs, isTakenBack }: DrainWish,
  write: (line: string) => void,
): Promise<0 | 1> {
  if (isTakenBack) {
    await server.call('takeDrainBack');
    write('The server takes new work again');
    return 0;
  }
  await server.call('beginDrain', { body: afterMs === null ? {} : { afterMs } });
  let told = '';
  for (;;) {
    const words = await howItStands(server);
    if (words !== told && words !== null) write(words);
    if (words === null) write('The server has ended');
    if (words === null || words === servesAgain) return words === null ? 0 : 1;
    told = words;
    await delay(lookEveryMs);
  }
}

const servesAgain = 'The drain was cancelled: the server goes on';

/** Null: it does not answer any more. Errors: HttpRefusal. */
async function howItStands(server: ApiClient): Promise<string | null> {
  try {
    const [{ state }, cluster] = await Promise.all([server.call('getDrain'), server.call('getCluster')]);
    if (state === 'serving') return servesAgain;
    const owned = cluster?.nodes.find(({ isAsked }) => isAsked)?.owned ?? 0;
    const streams = owned === 0 ? '' : `: ${owned} streams are still its own`;
    return state === 'draining' ? `The server takes nothing new${streams}` : `The server ends${streams}`;
  } catch (error) {
    if (error instanceof HttpRefusal && error.status === 0) return null;
    throw error;
  }
}
