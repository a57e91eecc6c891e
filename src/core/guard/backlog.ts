/** What waits for players that do not keep up: so much for one client, and so much in all. Beyond it those that owe most are cut off. */
import { clientKey } from './ip-address.js';

export interface BacklogRules {
  readonly maxBytes: number;
  readonly maxPerClientBytes: number;
}

export interface Backlogged {
  readonly clientIp: string;
  /** That wait for it. */
  readonly bytes: number;
}

interface Owing<Player> {
  readonly players: Player[];
  bytes: number;
}

/** Who is to be cut off. */
export function overBacklog<Player extends Backlogged>(
  players: readonly Player[],
  { maxBytes, maxPerClientBytes }: BacklogRules,
): readonly Player[] {
  const clients = new Map<string, Owing<Player>>();
  let total = 0;
  for (const player of players) {
    if (player.bytes === 0) continue;
    const key = clientKey(player.clientIp);
    const client = clients.get(key) ?? { players: [], bytes: 0 };
    client.players.push(player);
    client.bytes += player.bytes;
    total += player.bytes;
    clients.set(key, client);
  }
  const cut: Player[] = [];
  const cutMost = (client: Owing<Player>): void => {
    const most = client.players.pop();
    if (most === undefined) return;
    client.bytes -= most.bytes;
    total -= most.bytes;
    cut.push(most);
  };
  for (const client of clients.values()) {
    client.players.sort((one, other) => one.bytes - other.bytes);
    while (client.bytes > maxPerClientBytes) cutMost(client);
  }
  while (total > maxBytes) {
    const [first, ...others] = clients.values();
    if (first === undefined) break;
    cutMost(others.reduce((most, one) => (one.bytes > most.bytes ? one : most), first));
  }
  return cut;
}
