/**
 * The server as a process of its own, with pulls whose sources are damaged on the way, and one beside them that is not: the
 * process lives, none of its threads dies, and the control stream goes on as if it were alone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { findAll, pull, statsOf, whenStatus } from '../../support/server/pulls.js';
import { type LogLine, type RunningSluice, startSluice } from '../../support/server/sluice.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { startOrigin, type TestOrigin } from '../../support/source/origin.js';
import { chromiumOffer } from '../../support/viewer/offers.js';
import { type MutatingProxy, startMutatingProxy } from './proxy.js';
import { startBurstSource } from './source.js';

export interface LiveOptions {
  readonly sessions: number;
  readonly timeMs: number;
  readonly seed: number;
  /** What the damaged sources send, each its own. */
  readonly recordings: readonly (readonly FlvTag[])[];
  readonly onProgress?: (sessions: number) => void;
}

export interface LiveReport {
  readonly sessions: number;
  readonly tookMs: number;
  /** Threads that died, and answers of the server that are its own fault. */
  readonly findings: readonly string[];
  /** Of the control stream: what its source has shown, how far what came in was ever behind that, and at the end. */
  readonly controlFrames: number;
  readonly worstLagFrames: number;
  readonly lastLagFrames: number;
  readonly controlReconnects: number;
}

const pulls = 8;
const control = 'control';
const lookMs = 250;
/** Dialled again at once; what is silent is given up soon. */
const flags = [
  '--rtmp.reconnectFirstMs=10',
  '--rtmp.reconnectMaxMs=10',
  '--rtmp.silenceTimeoutMs=500',
  '--rtmp.dialogueTimeoutMs=500',
  '--viewers.codecWaitMs=200',
  '--log.level=info',
];

const isDeath = ({ event, level }: LogLine): boolean =>
  event === 'actor.condemned' || event === 'actor.cannotBeEnded' || (event === 'actor.ended' && level === 'error');

export async function runLive(options: LiveOptions): Promise<LiveReport> {
  const sources = await Promise.all(options.recordings.map(startBurstSource));
  const proxy = await startMutatingProxy(
    sources.map(({ port }) => port),
    options.seed,
  );
  const origin = await startOrigin();
  const sluice = await startSluice(flags);
  try {
    await pull(sluice, origin.url(control), control);
    await whenStatus(sluice, control, 'PROCESSED_REMOTE');
    return await damage(options, sluice, proxy, origin);
  } finally {
    await Promise.allSettled([sluice.stop(), origin.close(), proxy.close()]);
    for (const source of sources) source.close();
  }
}

async function damage(
  options: LiveOptions,
  sluice: RunningSluice,
  proxy: MutatingProxy,
  origin: TestOrigin,
): Promise<LiveReport> {
  const { sessions, timeMs } = options;
  const findings: string[] = [];
  const names = Array.from({ length: pulls }, (_, n) => `damaged${n}`);
  const startMs = performance.now();
  const firstShown = origin.frames;
  const missed = firstShown - (await statsOf(sluice, control)).videoFrames;
  const lags: number[] = [];
  const look = async (): Promise<void> => {
    const shown = origin.frames;
    lags.push(shown - (await statsOf(sluice, control)).videoFrames - missed);
  };

  const judge = (what: string, { status }: Response): void => {
    if (status === 500) findings.push(`${what} answered 500`);
  };
  /** A pull that gave up is begun again; a viewer makes the actor decode the audio. */
  const renew = async (name: string, status: string | undefined): Promise<void> => {
    const uri = `rtmp://127.0.0.1:${proxy.port}/live/${name}`;
    if (status === undefined || status === 'FAILED') judge('pull', await pull(sluice, uri, name));
    const headers = { 'Content-Type': 'application/sdp' };
    judge('whep', await fetch(`${sluice.rest}/whep/${name}`, { method: 'POST', headers, body: chromiumOffer }));
  };

  while (proxy.sessions < sessions && performance.now() - startMs < timeMs) {
    const listed = new Map((await findAll(sluice)).map((one) => [one.localStreamName, one.status]));
    await Promise.all(names.map((name) => renew(name, listed.get(name))));
    await look();
    options.onProgress?.(proxy.sessions);
    await delay(lookMs);
  }

  await look();
  const { reconnects } = await statsOf(sluice, control);
  findings.push(
    ...sluice
      .log()
      .filter(isDeath)
      .map((line) => JSON.stringify(line)),
  );
  return {
    sessions: proxy.sessions,
    tookMs: performance.now() - startMs,
    findings,
    controlReconnects: reconnects,
    controlFrames: origin.frames - firstShown,
    worstLagFrames: Math.max(...lags),
    lastLagFrames: lags.at(-1) ?? 0,
  };
}
