import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { JoinRequest, SourcePlace, StreamActor } from '../../actors/contract.js';
import type { ActorThread, ThreadEnd } from '../../src/threads/actor-thread.js';
import { findActorFile } from '../../src/threads/blank-thread.js';
import { startActorThread, threadOptions } from '../support/threads/actor-threads.js';

const silentActor = new URL('../support/threads/silent-actor.js', import.meta.url);

const join: JoinRequest = {
  viewerId: 'v',
  wish: null,
  offer: {
    media: [],
    bundle: [],
    iceUfrag: '',
    icePwd: '',
    iceOptions: [],
    setup: 'actpass',
    fingerprint: { algorithm: 'sha-256', value: '' },
  },
};
const calls: Readonly<Record<keyof StreamActor, (actor: StreamActor) => Promise<unknown>>> = {
  inject: (actor) => actor.inject('throw'),
  join: (actor) => actor.join(join),
  restart: (actor) => actor.restart('v', 'abcd'),
  leave: (actor) => actor.leave('v', 'viewer'),
  stats: (actor) => actor.stats(),
  keyframe: (actor) => actor.keyframe(),
  takeOver: (actor) => actor.takeOver([]),
  handOver: (actor) => actor.handOver(),
  fragments: (actor) => actor.fragments('playback'),
  addPlayer: (actor) => actor.addPlayer(-1, null),
  endLinks: (actor) => actor.endLinks(null),
  tellNodes: (actor) => actor.tellNodes('{}'),
  pointTo: (actor) => actor.pointTo({ uris: ['rtmp://127.0.0.1/live/cam'], origin: 'edge' }),
  packets: (actor) => actor.packets(null),
  stop: (actor) => actor.stop('shutdown'),
};

/** Starts the thread and puts a call into every method; resolves when all of them have arrived. */
async function callAll(name: string): Promise<{ thread: ActorThread; inFlight: readonly Promise<unknown>[] }> {
  const arrivals = new EventEmitter();
  let arrived = 0;
  const onEvent = (): void => {
    arrived += 1;
    if (arrived === Object.keys(calls).length) arrivals.emit('all');
  };
  const thread = startActorThread(threadOptions(silentActor, name, onEvent));
  const inFlight = Object.values(calls).map((call) => call(thread.actor));
  for (const call of inFlight) call.catch(() => {});
  await once(arrivals, 'all');
  return { thread, inFlight };
}

const deaths: readonly { name: string; kill?: (thread: ActorThread) => void; end: Partial<ThreadEnd> }[] = [
  { name: 'throw', end: { cause: 'crashed', exitCode: 1, error: 'thrown on purpose' } },
  { name: 'reject', end: { cause: 'crashed', exitCode: 1, error: 'rejected on purpose' } },
  { name: 'exit', end: { cause: 'crashed', exitCode: 3, error: '' } },
  { name: 'memory', end: { cause: 'memory', exitCode: 1 } },
  {
    name: 'terminate',
    kill: (one) => {
      one.condemn('hung');
      one.terminate();
    },
    end: { cause: 'hung', exitCode: 1, error: '' },
  },
];
for (const { name, kill, end } of deaths) {
  test(`with a call in flight in every method, a thread that dies by ${name} leaves none unsettled`, async () => {
    const { thread: dying, inFlight } = await callAll(name);
    kill?.(dying);
    const { cause, exitCode, error } = await dying.ended;
    assert.deepEqual(
      { cause, exitCode, error: end.error === undefined ? undefined : error },
      { error: undefined, ...end },
    );
    const results = await Promise.allSettled(inFlight);
    assert.deepEqual(
      results.map((result) => (result.status === 'rejected' ? result.reason.code : 'answered')),
      Object.keys(calls).map(() => 'actor.dead'),
    );
    for (const call of Object.values(calls)) await assert.rejects(call(dying.actor), { code: 'actor.dead' });
  });
}

test('a thread whose file does not load is a crash with words, not one of the process', async () => {
  const options = threadOptions(new URL('../support/no-such-file.js', import.meta.url), 'missing', () => {});
  const { cause, error } = await startActorThread(options).ended;
  assert.equal(cause, 'crashed');
  assert.match(error, /no-such-file/);
});

test('a bug behind a call that the rest of the stream lives on ends the thread', async () => {
  const thread = startActorThread(threadOptions(findActorFile(), 'bug', () => {}));
  // As no type allows it.
  const nowhere: SourcePlace = JSON.parse('{"origin":"edge"}');
  await assert.rejects(thread.actor.pointTo(nowhere));
  const { cause, error } = await thread.ended;
  assert.deepEqual([cause, /undefined/.test(error)], ['crashed', true], error);
});
