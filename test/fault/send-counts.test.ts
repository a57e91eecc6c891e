/** What becomes of datagrams, as the whole server tells it: with real causes, between two hosts. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { DatagramCounts } from '../../actors/stats.js';
import { createNetwork, type Network } from '../support/network/network.js';
import type { Child } from '../support/server/child.js';
import { until } from '../support/until.js';

const restPort = 8081;

async function serve(network: Network, fanout: 'native' | 'js') {
  const { senderAddress, receiverAddress } = network;
  const server = await network.start('sender', new URL('../../../dist/main/main.mjs', import.meta.url), [
    `--server.host=${senderAddress}`,
    `--server.restPort=${restPort}`,
    '--server.wsPort=0',
    '--pulls.stateFile=',
    '--log.format=json',
    `--webrtc.listen=${senderAddress}`,
    `--webrtc.fanout=${fanout}`,
    `--control.allow=${senderAddress}`,
  ]);
  await server.line('the demo has video', (line) => line.includes('"event":"video.path"'), 30_000);
  const program = new URL('../support/network/network-watcher.js', import.meta.url);
  const watch = async (host: 'sender' | 'receiver', count: number): Promise<Child> => {
    const args = [`http://${senderAddress}:${restPort}`, 'demo', String(count), receiverAddress];
    const child = await network.start(host, program, args);
    await child.line('the viewers are up', (line) => line === 'up', 30_000);
    return child;
  };
  await watch('receiver', 3);
  // On the server's own host: an answer to another would stand in the queue behind the media.
  const asker = await watch('sender', 0);

  const ask = async (path: string): Promise<string> => {
    const before = asker.lines.length;
    asker.process.stdin?.write(`${path}\n`);
    const line = await until(`an answer to ${path}`, () => asker.lines[before]);
    const body: unknown = JSON.parse(line);
    return typeof body === 'string' ? body : assert.fail(line);
  };
  const [demo]: readonly { readonly id: string }[] = JSON.parse(await ask('/api/streams'));
  return {
    async stats(): Promise<DatagramCounts> {
      const { datagrams }: { readonly datagrams: DatagramCounts } = JSON.parse(
        await ask(`/api/streams/${demo?.id}/stats`),
      );
      return datagrams;
    },
    async metric(name: string): Promise<number> {
      const body = await ask('/metrics');
      const value = new RegExp(`^sluice_stream_${name}_total\\{id="[^"]+",name="demo"\\} (\\d+)$`, 'm').exec(body)?.[1];
      return Number(value ?? assert.fail(`${name} in ${body}`));
    },
  };
}

/** Each on a wire of its own, whose queue takes a while to fill. */
describe('what becomes of datagrams', { concurrency: true }, () => {
  for (const fanout of ['native', 'js'] as const) {
    test(`${fanout}: a queue that is full shows in the stats and in /metrics`, async (t: TestContext) => {
      const network = createNetwork(t);
      const { stats, metric } = await serve(network, fanout);
      const before = await until('something was sent', async () => {
        const now = await stats();
        return now.taken > 300 ? now : undefined;
      });
      assert.ok(before.systemCalls > 0 && before.systemCalls <= before.taken);
      assert.deepEqual([before.blocked, before.tooLong, before.dropped, before.segmentsRefused], [0, 0, 0, 0]);
      network.shape('tbf', 'rate', '200kbit', 'burst', '5kb', 'limit', '20mb');
      const blocked = await until(
        'the queue is full',
        async () => {
          const now = await metric('datagrams_blocked');
          return now > 0 ? now : undefined;
        },
        45_000,
      );
      const after = await stats();
      assert.ok(after.blocked >= blocked);
      assert.ok(after.taken > before.taken);
      assert.ok((await metric('datagrams')) >= after.taken);
      assert.ok((await metric('send_calls')) >= after.systemCalls);
      assert.deepEqual([after.tooLong, after.dropped, after.segmentsRefused], [0, 0, 0]);
    });
  }

  test('a path that takes no segments of this size shows in the stats and in /metrics', async (t: TestContext) => {
    const network = createNetwork(t);
    const { stats, metric } = await serve(network, 'native');
    assert.equal((await stats()).segmentsRefused, 0);
    network.setMtu(1000);
    await until('segments are refused', async () => (await stats()).segmentsRefused > 0);
    assert.ok((await metric('segments_refused')) > 0);
  });
});
