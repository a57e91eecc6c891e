/** Thousands of connections that say a byte now and then, while REST is asked (docs/reliability.md S9). */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startSluice } from '../../support/server/sluice.js';
import { coresBetween, usageOf } from '../../support/server/usage.js';
import type { Row } from '../report.js';
import { load } from '../rest/load.js';

const connections = 5000;
const clients = 10;
const byteMs = 10_000;
const seconds = 30;
const head = 'GET /healthz HTTP/1.1\r\n';

/** One that comes again when it was cut off. */
function dribble(port: number, client: number, isOver: () => boolean, count: { opened: number; cut: number }): void {
  let [socket, sent]: [Socket | null, number] = [null, 0];
  const dial = (): void => {
    sent = 0;
    count.opened += 1;
    socket = connect({ host: '127.0.0.1', port, localAddress: `127.0.1.${client + 1}` });
    socket.on('error', () => {});
    socket.on('connect', say);
    socket.on('close', () => {
      count.cut += 1;
      if (!isOver()) dial();
    });
  };
  const say = (): void => {
    socket?.write(head[sent % head.length] ?? 'G');
    sent += 1;
  };
  const timer = setInterval(() => {
    if (!isOver()) return say();
    clearInterval(timer);
    socket?.destroy();
  }, byteMs);
  dial();
}

export async function measureSlow(): Promise<readonly Row[]> {
  const sluice = await startSluice(['--control.loopback=false', '--control.allow=127.0.0.1']);
  const port = Number(new URL(sluice.rest).port);
  const { pid } = sluice.child;
  const asked = () => load({ port, path: '/rest-api/pull/rtmp/find_all', connections: 4, seconds });
  let isOver = false;
  const count = { opened: 0, cut: 0 };
  try {
    const row = async (what: string): Promise<Row> => {
      const before = usageOf(pid);
      const { p50Ms, p99Ms, longestMs, perSecond } = await asked();
      const after = usageOf(pid);
      return {
        what,
        'requests/s': perSecond.toFixed(0),
        'p50 ms': p50Ms.toFixed(2),
        'p99 ms': p99Ms.toFixed(2),
        longest: longestMs.toFixed(1),
        cores: coresBetween(before, after).toFixed(2),
        'MB of the server': after.rssMb.toFixed(0),
        descriptors: after.descriptors,
        opened: count.opened,
        'cut off': count.cut,
      };
    };
    const alone = await row('alone');
    for (let n = 0; n < connections; n += 1) {
      dribble(port, n % clients, () => isOver, count);
      // As they come, not all in one turn.
      if (n % 50 === 0) await delay(10);
    }
    const beside = await row(`beside ${connections} connections`);
    return [alone, beside];
  } finally {
    isOver = true;
    await sluice.stop();
  }
}
