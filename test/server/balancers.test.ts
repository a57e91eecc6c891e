/** HAProxy and nginx before three nodes, as docs/cluster.md sets them: who is asked for what, and who is left out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancingHaproxy, balancingNginx, type StartBalancer } from '../support/server/fronts.js';
import { openWebSocket } from '../support/server/websocket-client.js';
import { until } from '../support/until.js';
import { somePull } from './examples.js';
import { createFakeCluster } from './fake-cluster.js';
import { offer, type ServerStage, startStage } from './stage.js';

const names: readonly string[] = ['a', 'b', 'c'];
const streams = Array.from({ length: 12 }, (_, n) => `cam${n}`);
const key = 'a-key-of-16-chars';

async function behind(
  startBalancer: StartBalancer,
  work: (front: string, nodes: readonly ServerStage[]) => Promise<void>,
): Promise<void> {
  const settings = { server: { trustedProxies: ['127.0.0.1'] }, control: { apiKeys: [key] } };
  const nodes = await Promise.all(
    names.map((name) => startStage({ settings, cluster: createFakeCluster(undefined, `http://${name}.example:8081`) })),
  );
  for (const node of nodes)
    node.streams.pulls = streams.map((localName) => Object.assign({ ...somePull }, { localName }));
  const front = await startBalancer(nodes.map(({ server }) => server.restPort));
  try {
    await work(`http://127.0.0.1:${front.port}`, nodes);
  } finally {
    await front.stop();
    await Promise.all(nodes.map((node) => node.end()));
  }
}

/** Gives the status and the address of the session. */
async function play(front: string, name: string): Promise<readonly [number, string]> {
  const headers = { 'Content-Type': 'application/sdp' };
  const { status, headers: answered } = await fetch(`${front}/whep/${name}`, {
    method: 'POST',
    headers,
    body: offer(),
  });
  return [status, answered.get('location') ?? ''];
}

for (const [balancer, start] of [
  ['HAProxy', balancingHaproxy],
  ['nginx', balancingNginx],
] as const) {
  test(`${balancer}: viewers of one stream come to one node, whose own address their sessions have`, () =>
    behind(start, async (front, nodes) => {
      const sessions = await Promise.all([0, 1, 2, 3].map(() => play(front, 'cam0')));
      assert.deepEqual(new Set(sessions.map(([status]) => status)), new Set([201]));
      const { host, pathname } = new URL(sessions[0]?.[1] ?? '');
      assert.equal(new Set(sessions.map(([, session]) => new URL(session).host)).size, 1);
      const at = names.findIndex((name) => host.startsWith(name));
      const answers = await Promise.all(nodes.map(async ({ ask }) => (await ask(pathname)).status));
      assert.deepEqual(
        answers,
        names.map((_, n) => (n === at ? 204 : 404)),
      );
    }));

  test(`${balancer}: a drained node gets no viewers, and those who come get another one`, () =>
    behind(start, async (front, nodes) => {
      const at = async (): Promise<string> => new URL((await play(front, 'cam0'))[1]).host.slice(0, 1);
      const first = await at();
      nodes[names.indexOf(first)]?.server.refuse(true);
      await until('another one takes it', async () => {
        const [status, session] = await play(front, 'cam0');
        return status === 201 && new URL(session).host.slice(0, 1) !== first;
      });
      for (const _ of names) assert.notEqual(await at(), first);
      nodes[names.indexOf(first)]?.server.refuse(false);
      await until('it is asked again', async () => (await at()) === first);
    }));

  test(`${balancer}: a node that is gone is passed over within the request`, () =>
    behind(start, async (front, nodes) => {
      await nodes[1]?.server.close();
      const answers = await Promise.all(streams.map((name) => play(front, name)));
      assert.deepEqual(
        answers.map(([status]) => status),
        streams.map(() => 201),
      );
    }));

  test(`${balancer}: sockets of WCS are spread over the nodes`, () =>
    behind(start, async (front, nodes) => {
      for (const _ of names) {
        const socket = await openWebSocket(front.replace('http', 'ws'));
        socket.sendJson({ message: 'connection', data: [{ appKey: 'defaultApp' }] });
        await socket.nextMessage('getUserData');
      }
      const headers = { Authorization: `Bearer ${key}` };
      const listed = await Promise.all(nodes.map(({ ask }) => ask('/rest-api/connection/find_all', { headers })));
      assert.deepEqual(
        listed.map(({ status, body }) => (status === 200 ? JSON.parse(body).length : 0)),
        [1, 1, 1],
      );
    }));
}
