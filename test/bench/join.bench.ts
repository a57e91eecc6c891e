/** How long a viewer waits for its first frame: `npm run bench -- join`. Goal with 50 viewers: p50 <= 20 ms, the client's own handshake left out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { askAt } from '../support/server/asking.js';
import { startChild } from '../support/server/child.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { startSluice } from '../support/server/sluice.js';
import { startNginx } from '../support/source/nginx.js';
import { writeStream } from './ingest/stream.js';
import { type Join, joinTimed } from './join/timed-join.js';
import { startWatchers } from './join/watchers.js';
import { printTable, quantile, writeResult } from './report.js';

const crowds = [0, 50];
const warmUps = 15;
const joins = 60;
/** No multiple of anything: the joins fall all over the GOP, which is of two seconds. */
const pauseMs = 137;

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const file = join(folder, 'stream.flv');
writeStream(file);
const nginx = await startNginx();
const loop = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', nginx.url('cam')];
const publisher = await startChild('ffmpeg', loop);

async function measureJoins(watchers: number): Promise<readonly Join[]> {
  // The watchers send no checks: they would be taken for gone.
  const sluice = await startSluice(['--viewers.silenceTimeoutMs=600000']);
  const http = askAt(sluice.rest);
  try {
    await pull(sluice, nginx.url('cam'), 'cam');
    await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
    const endWatchers = await startWatchers(`${sluice.rest}/whep/cam`, watchers);
    const all: Join[] = [];
    for (let n = 0; n < warmUps + joins; n += 1) {
      all.push(await joinTimed(http, '/whep/cam'));
      await delay(pauseMs);
    }
    endWatchers();
    return all.slice(warmUps);
  } finally {
    http.close();
    await sluice.stop();
  }
}

try {
  const measured = [];
  for (const watchers of crowds) {
    const all = await measureJoins(watchers);
    const of = (value: (one: Join) => number, share = 0.5): number =>
      quantile(
        all.map(value).toSorted((a, b) => a - b),
        share,
      );
    const own = ({ keyframeMs, handshakeCpuMs }: Join): number => keyframeMs - handshakeCpuMs;
    measured.push({
      watchers,
      joins: all.length,
      keyframeKb: of(({ keyframeBytes }) => keyframeBytes) / 1024,
      answerMs: of(({ answeredMs }) => answeredMs),
      checkMs: of(({ checkedMs, answeredMs }) => checkedMs - answeredMs),
      handshakeMs: of(({ connectedMs, checkedMs }) => connectedMs - checkedMs),
      clientCpuMs: of(({ handshakeCpuMs }) => handshakeCpuMs),
      frameMs: of(({ keyframeMs, connectedMs }) => keyframeMs - connectedMs),
      p50Ms: of(({ keyframeMs }) => keyframeMs),
      p95Ms: of(({ keyframeMs }) => keyframeMs, 0.95),
      ownP50Ms: of(own),
      ownP95Ms: of(own, 0.95),
    });
  }
  const ms = (value: number): string => value.toFixed(1);
  printTable(
    'From the POST of the offer to the whole keyframe, ms, p50 where nothing else is said (goal: 20 without the client’s handshake)',
    measured.map((one) => ({
      watching: one.watchers,
      joins: one.joins,
      'keyframe, kB': one.keyframeKb.toFixed(0),
      answer: ms(one.answerMs),
      check: ms(one.checkMs),
      DTLS: ms(one.handshakeMs),
      'of it the client’s CPU': ms(one.clientCpuMs),
      frame: ms(one.frameMs),
      all: ms(one.p50Ms),
      'p95 of all': ms(one.p95Ms),
      'without the client’s': ms(one.ownP50Ms),
      'its p95': ms(one.ownP95Ms),
    })),
  );
  writeResult('join', { goalMs: 20, measured });
} finally {
  await publisher.stop();
  await nginx.stop();
  rmSync(folder, { recursive: true });
}
