/** What the operations on playback tokens do. */
import { z } from 'zod';
import type { ApiHandlers } from './api-contract.js';
import type { NodePeers } from './node-peers.js';
import type { Tokens, UsedToken } from './playback-access.js';
import { usedToken } from './token-schemas.js';

const tokensForm = z.array(usedToken).catch([]);

export function createTokenHandlers(
  tokens: Tokens,
  { calls }: NodePeers,
): Pick<ApiHandlers, 'createToken' | 'listTokens' | 'revokeToken'> {
  calls?.serve('tokens', tokens.inUse);
  return {
    createToken: ({ body }) => tokens.make(body),
    async listTokens() {
      const others = (await calls?.askAll({ kind: 'tokens' })) ?? [];
      return joined([...tokens.inUse(), ...others.flatMap(({ answer }) => tokensForm.parse(answer))]);
    },
    revokeToken({ id }) {
      tokens.revoke(id);
      return undefined;
    },
  };
}

/** By one token somebody may play at several nodes. */
function joined(used: readonly UsedToken[]): readonly UsedToken[] {
  const byId = new Map<string, UsedToken>();
  for (const one of used) {
    const viewers = (byId.get(one.id)?.viewers ?? 0) + one.viewers;
    byId.set(one.id, { ...one, viewers });
  }
  return [...byId.values()];
}
