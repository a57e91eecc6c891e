/** Viewers name addresses of a host that accepts and says nothing, as many as they may, and an operator wants a pull. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { askAt } from '../../support/server/asking.js';
import { findAll, pull } from '../../support/server/pulls.js';
import { startSluice } from '../../support/server/sluice.js';
import { usageOf } from '../../support/server/usage.js';
import { chromiumOffer } from '../../support/viewer/offers.js';
import type { Row } from '../report.js';

const clients = 5;
const each = 30;
const max = 120;

export async function measureViewerPulls(): Promise<readonly Row[]> {
  const silent = new Set<Socket>();
  let dialled = 0;
  const target = createServer((socket) => {
    dialled += 1;
    silent.add(socket.on('error', () => {}));
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const address = target.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const sluice = await startSluice([`--pulls.max=${max}`, '--pulls.viewerAllow=127.0.0.0/8', '--pulls.viewerPorts=']);
  const { pid } = sluice.child;
  try {
    const before = usageOf(pid);
    const uri = (n: number): string => `rtmp://127.0.0.1:${address.port}/live/${n}`;
    const plays = Array.from({ length: clients * each }, async (_, n) => {
      const http = askAt(sluice.rest, `127.0.1.${(n % clients) + 1}`);
      const { status } = await http.post(`/whep/${encodeURIComponent(uri(n))}`, 'application/sdp', chromiumOffer);
      http.close();
      return status;
    });
    while (dialled === 0) await new Promise(setImmediate);
    const listed = (await findAll(sluice)).length;
    const { status } = await pull(sluice, uri(1000), 'of the operator');
    const statuses = await Promise.all(plays);
    const after = usageOf(pid);
    return [
      {
        plays: statuses.length,
        answered: [...new Set(statuses)]
          .map((one) => `${statuses.filter((s) => s === one).length} x ${one}`)
          .join(', '),
        'Pulls listed': listed,
        'connections to the target': dialled,
        "the operator's pull": status,
        'more MB': (after.rssMb - before.rssMb).toFixed(0),
        'more threads': after.threads - before.threads,
        'CPU s': ((after.cpuMs - before.cpuMs) / 1000).toFixed(2),
      },
    ];
  } finally {
    await sluice.stop();
    for (const socket of silent) socket.destroy();
    target.close();
  }
}
