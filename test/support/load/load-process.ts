/** One process of load.ts: it joins by WHEP here, and is served in C. */
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Asking, askAt } from '../server/asking.js';
import { makeCertificate } from '../viewer/media-client.js';
import type { Leaving, LoadAnswer, LoadOptions, LoadOrder } from './load.js';
import { requireLoad } from './native-load.js';
import { answerOf, offerOf } from './whep-offer.js';

/** Beyond all deadlines of the server (viewers.startTimeoutMs, viewers.connectTimeoutMs). */
const joinTimeoutMs = 30_000;
const pollMs = 5;
/** Who plays and gets nothing for so long is told. */
const silentMs = 2000;

/** It stands for other machines, which do not wait for a core of the server's. Who is not root does without. */
try {
  setPriority(-10);
} catch {}

const options: LoadOptions = JSON.parse(process.argv[2] ?? '');
const native = requireLoad();
const certificate = await makeCertificate();
native.start(certificate.certPem, certificate.keyPem);

const servers = new Map<string, Asking>();
/** The WHEP resource of each viewer. */
const resources = new Map<number, { readonly http: Asking; readonly path: string }>();
let before = { cpu: process.cpuUsage(), atMs: performance.now() };

/** As in C: CLOCK_MONOTONIC. */
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

function serverAt(origin: string): Asking {
  const known = servers.get(origin) ?? askAt(origin);
  servers.set(origin, known);
  return known;
}

/** Looks until the keyframe is there, or the viewer has ended. When things happened the thread in C has noted. */
async function settled(number: number, startMs: number) {
  for (;;) {
    const news = native.news(number);
    const isLate = nowMs() > startMs + joinTimeoutMs;
    if (news.keyframeMs > 0 || news.error !== '' || isLate) {
      return { ...news, error: news.error !== '' ? news.error : news.keyframeMs > 0 ? null : 'no keyframe' };
    }
    await delay(pollMs);
  }
}

async function join(endpoint: string, afterMs: number): Promise<LoadAnswer['joined'][number]> {
  await delay(afterMs);
  const { origin, pathname } = new URL(endpoint);
  const http = serverAt(origin);
  const { sdp, ufrag } = offerOf(certificate);
  const startMs = nowMs();
  const failed = (error: string) => {
    return { endpoint, number: null, error, answeredMs: 0, checkedMs: 0, connectedMs: 0, keyframeMs: 0 };
  };
  try {
    const { status, body, header } = await http.post(pathname, 'application/sdp', sdp);
    const answeredMs = nowMs() - startMs;
    if (status !== 201) return failed(`WHEP answered ${status}: ${body.slice(0, 200)}`);
    const { port, iceUfrag, icePwd, fingerprint, videoType, audioType } = answerOf(body);
    const { usesGro, openEvery } = options;
    const number = native.add(port, iceUfrag, icePwd, ufrag, fingerprint, videoType, audioType, usesGro, openEvery);
    // Of a node of a cluster it may name another address.
    const session = new URL(header('location'), endpoint);
    resources.set(number, { http: serverAt(session.origin), path: session.pathname });
    const { error, ...at } = await settled(number, startMs);
    const since = (ms: number): number => (ms === 0 ? 0 : ms - startMs);
    return {
      endpoint,
      number,
      error,
      answeredMs,
      checkedMs: since(at.checkedMs),
      connectedMs: since(at.connectedMs),
      keyframeMs: since(at.keyframeMs),
    };
  } catch (error) {
    return failed(String(error));
  }
}

async function leave(number: number, leaving: Leaving): Promise<void> {
  const resource = resources.get(number);
  resources.delete(number);
  native.remove(number, leaving === 'closeNotify');
  if (leaving === 'delete') await resource?.http.remove(resource.path);
}

function measure(): void {
  native.measure();
  before = { cpu: process.cpuUsage(), atMs: performance.now() };
}

function result() {
  const { user, system } = process.cpuUsage(before.cpu);
  const wallMs = performance.now() - before.atMs;
  return { ...native.result(silentMs), wallMs, cpuMs: (user + system) / 1000 };
}

async function obey(order: LoadOrder): Promise<Omit<LoadAnswer, 'order'>> {
  switch (order.kind) {
    case 'join': {
      const joins = order.endpoints.map((endpoint, n) => join(endpoint, order.afterMs[n] ?? 0));
      return { joined: await Promise.all(joins), result: null };
    }
    case 'leave':
      await Promise.all(order.numbers.map((number) => leave(number, order.leaving)));
      return { joined: [], result: null };
    case 'measure':
      measure();
      return { joined: [], result: null };
    case 'result':
      return { joined: [], result: result() };
  }
}

process.on('message', async (message: LoadOrder & { readonly order: number }) => {
  const answer = await obey(message);
  process.send?.({ ...answer, order: message.order });
});
process.once('disconnect', () => process.exit(0));
