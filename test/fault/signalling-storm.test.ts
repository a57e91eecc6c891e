/** Sessions of WCS signalling that join and leave by the hundred, while a viewer in Chromium watches the same stream. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Stage, setStage } from '../support/browser/stage.js';
import { watch } from '../support/browser/viewer.js';
import { judged } from '../support/judged.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { publish } from '../support/source/publisher.js';
import { until } from '../support/until.js';
import { chromiumOffer } from '../support/viewer/offers.js';

const sessions = 200;
const durationMs = 10_000;
let stage: Stage;

before(async () => {
  stage = await setStage({ flags: ['--viewers.maxPerIp=1000'] });
  const publisher = await publish(stage.nginx.url('cam'), { size: '320x240', bitrateKbps: 400 });
  stage.onEnd(() => publisher.stop());
  await pull(stage.sluice, stage.nginx.url('cam'), 'cam');
  await whenStatus(stage.sluice, 'cam', 'PROCESSED_REMOTE');
});
after(() => stage.end());

/** Connects, is answered, and leaves: every other one by stopStream, the rest by going away. */
async function joinAndLeave(n: number): Promise<void> {
  const socket = await openWebSocket(stage.sluice.signalling);
  socket.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
  await socket.nextMessage('getUserData');
  const mediaSessionId = `storm-${n}`;
  socket.sendJson({ message: 'playStream', data: [{ mediaSessionId, name: 'cam', sdp: chromiumOffer }] });
  await socket.nextMessage('setRemoteSDP');
  if (n % 2 === 0) {
    socket.sendJson({ message: 'stopStream', data: [{ mediaSessionId }] });
    const [event] = (await socket.nextMessage('notifyStreamStatusEvent')).data;
    assert.ok(event !== undefined);
  }
  socket.close();
  await socket.closed;
}

test('two hundred sessions join and leave in 10 s: each is answered, none is left, and a viewer sees no freeze', async (t) => {
  const viewer = await watch(await stage.tab(), stage.pages.origin, `${stage.sluice.rest}/whep/cam`);
  await judged(t, {
    async measure() {
      const first = await viewer.stats();
      const storm: Promise<void>[] = [];
      for (let n = 0; n < sessions; n += 1) {
        storm.push(joinAndLeave(n));
        await delay(durationMs / sessions);
      }
      await Promise.all(storm);
      const last = await viewer.stats();
      return { frozenSeconds: last.freezeSeconds - first.freezeSeconds, lost: last.packetsLost - first.packetsLost };
    },
    isGood: ({ frozenSeconds, lost }) => frozenSeconds < 0.5 && lost === 0,
    words: ({ frozenSeconds, lost }) => `frozen for ${frozenSeconds} s, ${lost} packets lost`,
    windows: 1,
  });
  await until('only that viewer is left', async () => {
    const [stream] = JSON.parse(await (await fetch(`${stage.sluice.rest}/api/streams`)).text());
    return stream.viewers === 1;
  });
  const answer = await fetch(`${stage.sluice.rest}/?action=stat&format=json&groups=connections_stats`);
  assert.equal(JSON.parse(await answer.text()).connections_stats.connections, 0);
  assert.deepEqual(
    (await viewer.states()).filter((state) => /failed|closed/.test(state)),
    [],
  );
});
