/** Viewers join and watch while a stranger floods their port (docs/reliability.md S4, S6); and what each datagram costs. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JoinedViewer } from '../../support/load/load.js';
import { openStage, type Stage } from '../../support/load/stage.js';
import { unreadDatagrams } from '../../support/network/unread-datagrams.js';
import { coresBetween } from '../../support/server/usage.js';
import { watchWhile } from '../many/watch.js';
import type { Row } from '../report.js';
import { type Flooded, startFlood } from './flood.js';
import { hostile, type Kind, kinds, unfinishedOffer } from './hostile.js';

const stream = 'cam';
const watchers = 25;
const joins = 50;
const perSecond = 10_000;
const checksPerSecond = 6000;
/** An offer that is not used ends by itself; the next one is made before. */
const offerMs = 5000;
/** Nobody is refused because others use the machine. */
const patient = ['--viewers.maxLoopLagMs=0', '--viewers.maxCpuPercent=0'];

interface Flow extends Flooded {
  readonly dropped: number;
  readonly cores: number;
}

/** Floods until what happens meanwhile is over. */
async function floodWhile<T>(
  stage: Stage,
  which: readonly Kind[],
  rate: number,
  meanwhile: () => Promise<T>,
): Promise<Flow & { readonly result: T }> {
  const endpoint = stage.endpoint(stream);
  const first = await unfinishedOffer(endpoint);
  const flood = startFlood({ port: first.port, perSecond: rate });
  const aimAt = (known: typeof first): void => flood.aim(which.map((kind) => hostile(kind, known)));
  const renewed = setInterval(() => void unfinishedOffer(endpoint).then(aimAt, () => {}), offerMs);
  const dropped = unreadDatagrams(first.port);
  const before = stage.usage();
  aimAt(first);
  const result = await meanwhile();
  const after = stage.usage();
  clearInterval(renewed);
  const { sent, heardBytes } = await flood.end();
  return {
    sent,
    heardBytes,
    dropped: unreadDatagrams(first.port) - dropped,
    cores: coresBetween(before, after),
    result,
  };
}

export async function measureJoinsInFlood(seconds: number): Promise<readonly Row[]> {
  const stage = await openStage(null, patient);
  try {
    await stage.pull([stream]);
    const options = { processes: 1, usesGro: true, openEvery: 4 };
    const [watching, joining] = [stage.load(options), stage.load(options)];
    const endpoints = (count: number): string[] => new Array<string>(count).fill(stage.endpoint(stream));
    await watching.join(endpoints(watchers), 2000);
    const windows = [];
    for (const rate of [0.001, perSecond]) {
      const joined: JoinedViewer[] = [];
      const flow = await floodWhile(stage, kinds, rate, () =>
        watchWhile(stage, watching, async () => {
          joined.push(...(await joining.join(endpoints(joins), seconds * 900)));
          await delay(seconds * 100);
        }),
      );
      await joining.leave(
        joined.flatMap(({ viewer }) => viewer ?? []),
        'delete',
      );
      windows.push({ rate, joined, ...flow });
    }
    return windows.map(({ rate, joined, sent, dropped, heardBytes, result: { watched } }) => ({
      'a second': rate < 1 ? 0 : rate,
      datagrams: sent,
      'not read': dropped,
      'bytes answered': heardBytes,
      joined: `${joined.filter(({ error }) => error === null).length} of ${joins}`,
      'packets to those who watch': watched.packets,
      lost: watched.lost,
      'frames left out': watched.framesMissed,
      cores: watched.serverCores.toFixed(2),
      'of others': watched.othersCores.toFixed(2),
      'threads lost': stage.faults().length,
    }));
  } finally {
    await stage.close();
  }
}

/** Of a stream that nobody watches: what the process takes beyond its idle share is the flood's. */
export async function measureDatagrams(seconds: number): Promise<readonly Row[]> {
  const stage = await openStage(null, patient);
  try {
    await stage.pull([stream]);
    const rows: Row[] = [];
    for (const kind of kinds) {
      const window = (rate: number): Promise<Flow> => floodWhile(stage, [kind], rate, () => delay(seconds * 1000));
      const idle = await window(0.001);
      const { sent, dropped, heardBytes, cores } = await window(checksPerSecond);
      const share = cores - idle.cores;
      rows.push({
        kind,
        'a second': ((sent - dropped) / seconds).toFixed(0),
        'not read': dropped,
        '% of a core': (share * 100).toFixed(1),
        'µs each': ((share * seconds * 1e6) / (sent - dropped)).toFixed(1),
        'bytes answered': heardBytes,
      });
    }
    return rows;
  } finally {
    await stage.close();
  }
}
