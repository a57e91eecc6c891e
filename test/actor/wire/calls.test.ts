import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import type { ActorHost, StreamActor } from '../../../actors/contract.js';
import { wrapHost } from '../../../actors/runtime/host.js';
import { SluiceError } from '../../../src/errors.js';
import { actorHost, streamActor } from '../../../src/wire/contracts.js';
import { exposeCalls, wrapCalls } from '../../../src/wire/wire.js';

function channel(t: TestContext): MessageChannel {
  const ports = new MessageChannel();
  t.after(() => ports.port1.close());
  return ports;
}

test('a call reaches the actor with its arguments, its answer comes back, and an error keeps its row', async (t) => {
  const { port1, port2 } = channel(t);
  const heard: unknown[] = [];
  const actor: StreamActor = {
    inject: () => Promise.reject(new SluiceError('control.forbidden', 'off')),
    keyframe: () => Promise.reject(new SluiceError('stream.notLive')),
    fragments: () => Promise.reject(new SluiceError('media.unavailable')),
    addPlayer: () => Promise.reject(new SluiceError('viewer.limit')),
    endLinks: async () => {},
    tellNodes: async () => {},
    pointTo: async () => {},
    packets: () => Promise.reject(new SluiceError('media.unavailable')),
    join: async (request) => {
      heard.push(request.viewerId);
      return { answerSdp: 'v=0', media: { video: null, audio: null }, iceTag: 'x' };
    },
    restart: async (viewerId, viewerUfrag) => {
      heard.push(viewerId, viewerUfrag);
      return { fragment: 'a=ice-lite', iceTag: 'y' };
    },
    leave: async (viewerId, reason) => {
      heard.push(viewerId, reason);
      return true;
    },
    takeOver: async (handOvers) => {
      heard.push(...handOvers);
      return ['w'];
    },
    handOver: async () => {},
    stats: () => {
      throw new TypeError('our bug');
    },
    stop: async () => {},
  };
  exposeCalls(port2, actor, streamActor);
  const calls = wrapCalls(port1, streamActor, 60_000).calls;
  const offer = {
    media: [],
    bundle: [],
    iceUfrag: '',
    icePwd: '',
    iceOptions: [],
    setup: 'actpass' as const,
    fingerprint: { algorithm: 'sha-256', value: '' },
  };
  assert.equal((await calls.join({ viewerId: 'v1', offer, wish: null })).iceTag, 'x');
  assert.equal((await calls.restart('v3', 'abcd')).iceTag, 'y');
  assert.equal(await calls.leave('v2', 'viewer'), true);
  assert.equal(await calls.stop('shutdown'), undefined);
  assert.deepEqual(heard, ['v1', 'v3', 'abcd', 'v2', 'viewer']);
  await assert.rejects(calls.inject('throw'), { code: 'control.forbidden', detail: 'off' });
  await assert.rejects(calls.stats(), { code: 'internal', detail: 'our bug' });
});

test('a call that is not answered in time fails, and its late answer hurts nobody', async (t) => {
  const { port1, port2 } = channel(t);
  let answerLate: (value: boolean) => void = () => {};
  const late = new Promise<boolean>((resolve) => {
    answerLate = resolve;
  });
  const unused = (): Promise<never> => Promise.reject(new Error('not called'));
  const slow: StreamActor = {
    inject: unused,
    join: unused,
    restart: unused,
    stats: unused,
    keyframe: unused,
    takeOver: unused,
    handOver: unused,
    fragments: unused,
    addPlayer: unused,
    endLinks: unused,
    tellNodes: unused,
    pointTo: unused,
    packets: unused,
    leave: () => late,
    stop: async () => {},
  };
  exposeCalls(port2, slow, streamActor);
  const calls = wrapCalls(port1, streamActor, 30).calls;
  await assert.rejects(calls.leave('v', 'viewer'), { code: 'actor.timeout', detail: 'leave, 30 ms' });
  answerLate(true);
  await calls.stop('shutdown');
});

test("the host's answers and errors reach the thread; a host that is stuck is an error of the name", async (t) => {
  const { port1, port2 } = channel(t);
  const life = new MessageChannel();
  t.after(() => life.port1.close());
  const main: ActorHost = {
    async resolve(hostname) {
      if (hostname === 'denied') throw new SluiceError('source.addressDenied');
      if (hostname === 'stuck') return new Promise(() => {});
      return [{ address: '192.0.2.1', family: 4 }];
    },
    decodes: async () => true,
    openRendition: async () => {
      throw new SluiceError('pull.limit');
    },
    openShard: async () => ({ media: channel(t).port1, life: life.port2 }),
  };
  exposeCalls(port2, main, actorHost);
  const host = wrapHost(port1, 100);
  assert.deepEqual(await host.resolve('good', 'rest', 1935, null), [{ address: '192.0.2.1', family: 4 }]);
  await assert.rejects(host.resolve('denied', 'rest', 1935, null), { code: 'source.addressDenied' });
  await assert.rejects(host.resolve('stuck', 'rest', 1935, null), { code: 'source.nameNotResolved' });
  const shard = await host.openShard();
  const closed = once(shard, 'close');
  life.port1.close();
  await closed;
});
