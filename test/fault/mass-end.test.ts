import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged } from '../support/judged.js';
import { type LogLine, startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';

const pulls = 120;

/** Starts them, ends them at once, and gives the lines of threads that did not end by themselves. */
async function endAtOnce(): Promise<readonly LogLine[]> {
  const sluice = await startSluice();
  try {
    const uris = Array.from({ length: pulls }, (_, n) => `rtmp://127.0.0.1:1/live/cam${n}`);
    for (const uri of uris) assert.equal((await sluice.post('/rest-api/pull/rtmp/pull', { uri })).status, 200);
    const count = (event: string): number => sluice.log().filter((line) => line.event === event).length;
    await until('every thread has dialled', () => count('source.lost') >= pulls, 60_000);
    await Promise.all(uris.map((uri) => sluice.post('/rest-api/pull/rtmp/terminate', { uri })));
    await until('every thread has ended', () => count('actor.ended') >= pulls, 60_000);
    return sluice.log().filter(({ event }) => event === 'actor.condemned' || event === 'actor.abandoned');
  } finally {
    await sluice.stop();
  }
}

test(`${pulls} pulls of a dead port that are ended at once end by themselves: no thread is condemned`, async (t) => {
  await judged(t, {
    measure: endAtOnce,
    isGood: (condemned) => condemned.length === 0,
    words: (condemned) => condemned.map(({ event, cause, name }) => `${event} ${cause} ${name}`).join(', '),
    windows: 2,
  });
});
