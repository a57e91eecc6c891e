/** A network that carries all that it is to carry: with a real one, between two hosts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supervision } from '../../src/server/supervision-schemas.js';
import { createNetwork } from '../support/network/network.js';
import { startSluice } from '../support/server/sluice.js';
import { until } from '../support/until.js';

test('beyond viewers.maxMbps a viewer is told so, those that play play on, and there is room again when they have gone', async (t) => {
  const network = createNetwork(t);
  const { senderAddress: serverAddress, receiverAddress } = network;
  const flags = [
    `--server.host=${serverAddress}`,
    `--webrtc.listen=${serverAddress}`,
    `--control.allow=${receiverAddress}`,
    '--demo.enabled=true',
    '--viewers.maxMbps=1',
    '--viewers.silenceTimeoutMs=15000',
  ];
  const sluice = await startSluice(flags, '.', network.under('sender'));
  t.after(() => sluice.stop());
  await sluice.logged('video.path', 30_000);
  const origin = `http://${serverAddress}:${new URL(sluice.rest).port}`;
  const watcher = new URL('../support/network/network-watcher.js', import.meta.url);
  const watch = (count: number) => network.start('receiver', watcher, [origin, 'demo', `${count}`, receiverAddress]);

  const asker = await watch(0);
  await asker.line('it asks', (line) => line === 'up');
  const ask = async () => {
    const before = asker.lines.length;
    asker.process.stdin?.write('/api/supervision\n');
    const answer = await asker.line('an answer', (line) => asker.lines.indexOf(line, before) >= before);
    return supervision.parse(JSON.parse(JSON.parse(answer)));
  };
  const whenUse = async (isWanted: (sentKbps: number) => boolean): Promise<void> => {
    await until('the network is as wanted', async () => isWanted((await ask()).process.network.sentKbps), 40_000);
  };

  const first = await watch(2);
  await first.line('two watch', (line) => line === 'up', 30_000);
  await whenUse((sentKbps) => sentKbps >= 1000);
  const { process: full } = await ask();
  assert.deepEqual([full.network.maxKbps, full.room.more, full.room.limit], [1000, 0, 'bandwidth']);
  const refused = await watch(1);
  assert.notEqual(await refused.exited, 0);
  assert.match(refused.lines.join('\n'), /WHEP answered 503: .*viewers\.maxMbps/);
  const { process: still, refused: counted } = await ask();
  assert.deepEqual([counted.bandwidth, still.room.viewers], [1, 2]);

  await first.stop('SIGKILL');
  await whenUse((sentKbps) => sentKbps < 900);
  const last = await watch(1);
  await last.line('one watches', (line) => line === 'up', 30_000);
});
