/** Viewers who offer, prove their address, begin a handshake as large as is kept, and never end it (docs/reliability.md S8). */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { pull } from '../../support/server/pulls.js';
import { startSluice } from '../../support/server/sluice.js';
import { usageOf } from '../../support/server/usage.js';
import { startCameras } from '../../support/source/cameras.js';
import { until } from '../../support/until.js';
import { begunHandshake } from '../../support/viewer/begun-handshake.js';
import { bindingRequest } from '../../support/viewer/media-client.js';
import type { Row } from '../report.js';
import { unfinishedOffer } from './hostile.js';

interface UnfinishedPlan {
  readonly what: string;
  readonly clients: number;
  readonly each: number;
  readonly flags: readonly string[];
}

const plans: readonly UnfinishedPlan[] = [
  {
    what: '1,000 at once, without our limits',
    clients: 1,
    each: 1000,
    flags: ['maxPerIp', 'maxUnfinished', 'maxUnfinishedPerIp', 'joinsPerSecond'].map(
      (key) => `--viewers.${key}=100000`,
    ),
  },
  { what: '10 clients of 200, as configured', clients: 10, each: 200, flags: [] },
];
const pollMs = 100;
const settleMs = 3000;

/** One that never finishes, to the end of its session; resolves with its socket, or null where nobody answered. */
async function beginOne(endpoint: string, client: number): Promise<Socket | null> {
  const answer = await unfinishedOffer(endpoint, `127.0.1.${client + 1}`).catch(() => null);
  if (answer === null) return null;
  const { port, iceUfrag, icePwd } = answer;
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.send(bindingRequest({ localUfrag: iceUfrag, localPwd: icePwd, remoteUfrag: 'abcd' }), port, '127.0.0.1');
  socket.once('message', () => {
    for (const datagram of begunHandshake) socket.send(datagram, port, '127.0.0.1');
  });
  return socket;
}

async function measure({ what, clients, each, flags }: UnfinishedPlan): Promise<Row> {
  const [cameras, sluice] = await Promise.all([
    startCameras(),
    startSluice(['--viewers.maxLoopLagMs=0', '--viewers.maxCpuPercent=0', ...flags]),
  ]);
  const { pid } = sluice.child;
  const viewers = async (): Promise<number> => {
    const metrics = await (await fetch(`${sluice.rest}/metrics`)).text();
    return [...metrics.matchAll(/^sluice_viewers\{.*\} (\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  try {
    await pull(sluice, cameras.url('cam'), 'cam');
    const endpoint = `${sluice.rest}/whep/cam`;
    await until(
      'it plays',
      () =>
        unfinishedOffer(endpoint).then(
          () => true,
          () => false,
        ),
      20_000,
    );
    await until('the first one is gone', async () => (await viewers()) === 0, 20_000);
    const before = usageOf(pid);
    let [mostMb, mostViewers, isOver] = [0, 0, false];
    const watching = (async () => {
      while (!isOver) {
        mostMb = Math.max(mostMb, usageOf(pid).rssMb);
        mostViewers = Math.max(mostViewers, await viewers());
        await delay(pollMs);
      }
    })();
    const startMs = performance.now();
    const sockets = await Promise.all(
      Array.from({ length: clients * each }, (_, n) => beginOne(endpoint, n % clients)),
    );
    const answeredMs = performance.now() - startMs;
    await until('all are gone', async () => (await viewers()) === 0, 60_000);
    const goneMs = performance.now() - startMs - answeredMs;
    isOver = true;
    await watching;
    for (const socket of sockets) socket?.close();
    await delay(settleMs);
    return {
      what,
      answered: sockets.filter((socket) => socket !== null).length,
      'in s': (answeredMs / 1000).toFixed(1),
      'at once': mostViewers,
      'gone after s': (goneMs / 1000).toFixed(1),
      'MB before': before.rssMb.toFixed(0),
      'at most': mostMb.toFixed(0),
      'kB each': (((mostMb - before.rssMb) * 1024) / mostViewers).toFixed(0),
      afterwards: usageOf(pid).rssMb.toFixed(0),
    };
  } finally {
    await sluice.stop();
    await cameras.stop();
  }
}

export async function measureUnfinished(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const plan of plans) rows.push(await measure(plan));
  return rows;
}
