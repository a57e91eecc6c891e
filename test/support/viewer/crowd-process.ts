/** The process of crowd.ts: it joins where it is told, and tells of each viewer what became of it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CrowdAnswer, CrowdOrder, Joined } from './crowd.js';
import { assertNoGap } from './stream-viewer.js';
import { joinWhep, type WhepViewer } from './whep-viewer.js';

/** Of each viewer so many datagrams of media are looked at; all are counted. */
const looked = 120;
/** Packets of the video that prove that it plays. */
const proof = 10;
const disturbMs = 5;

interface Guest {
  readonly viewer: WhepViewer;
  datagrams(): number;
}

const guests: Guest[] = [];
const say = (answer: CrowdAnswer): void => void process.send?.(answer);

async function join(endpoint: string, afterMs: number): Promise<Joined> {
  await delay(afterMs);
  const startMs = performance.now();
  let datagrams = 0;
  const hearsMedia = (): boolean => {
    datagrams += 1;
    return datagrams <= looked;
  };
  try {
    const viewer = await joinWhep(endpoint, { hearsMedia });
    guests.push({ viewer, datagrams: () => datagrams });
    assertNoGap(await viewer.whenVideo(proof));
    return { endpoint, error: null, tookMs: performance.now() - startMs };
  } catch (error) {
    return { endpoint, error: String(error), tookMs: performance.now() - startMs };
  }
}

async function joinAll(endpoints: readonly string[], spreadMs: number): Promise<void> {
  const apartMs = spreadMs / Math.max(1, endpoints.length);
  say({ kind: 'joined', joined: await Promise.all(endpoints.map((endpoint, n) => join(endpoint, n * apartMs))) });
}

async function watch(forMs: number): Promise<void> {
  const before = guests.map(({ datagrams }) => datagrams());
  await delay(forMs);
  say({ kind: 'watched', datagrams: guests.map(({ datagrams }, n) => datagrams() - (before[n] ?? 0)) });
}

async function leave(): Promise<void> {
  await Promise.all(guests.splice(0).map(({ viewer }) => viewer.leave()));
  say({ kind: 'left' });
}

/** Of the form of SRTCP, and authentic by nobody's measure: it goes as far as such a thing may. */
const disturbance = Buffer.concat([Buffer.of(0x81, 201), Buffer.alloc(40, 7)]);

process.on('message', (order: CrowdOrder) => {
  switch (order.kind) {
    case 'join':
      return void joinAll(order.endpoints, order.spreadMs);
    case 'watch':
      return void watch(order.forMs);
    case 'leave':
      return void leave();
    case 'disturb':
      setInterval(() => {
        for (const { viewer } of guests) viewer.client.send(disturbance);
      }, disturbMs);
  }
});
