/**
 * A worker that answers no call of the contract. Once all methods have been called it dies as the name of its stream
 * says: throw, reject, exit, memory; with any other name it waits.
 */
import { workerData } from 'node:worker_threads';
import type { ActorBirth, StreamActor } from '../../../actors/contract.js';
import { createBeat } from '../../../actors/runtime/beat.js';
import { receiveSpec } from '../../../actors/runtime/spec.js';
import { streamActor } from '../../../src/wire/contracts.js';
import { exposeCalls } from '../../../src/wire/wire.js';

const boot: ActorBirth = workerData;
createBeat(boot.beat);
const localName = (await receiveSpec())?.localName ?? '';

const deaths = new Map<string, () => void>([
  [
    'throw',
    () => {
      throw new Error('thrown on purpose');
    },
  ],
  ['reject', () => void Promise.reject(new Error('rejected on purpose'))],
  ['exit', () => process.exit(3)],
  [
    'memory',
    () => {
      const hoard: Buffer[] = [];
      setInterval(() => hoard.push(Buffer.alloc(8_388_608, 1)), 20);
    },
  ],
]);

const methods = [
  'inject',
  'join',
  'restart',
  'leave',
  'stats',
  'keyframe',
  'takeOver',
  'handOver',
  'pointTo',
  'fragments',
  'addPlayer',
  'endLinks',
  'tellNodes',
  'packets',
  'stop',
] as const;
const called = new Set<string>();
const never = (name: (typeof methods)[number]) => (): Promise<never> => {
  called.add(name);
  boot.events.postMessage({ kind: 'log', seq: called.size, level: 'info', event: `called.${name}`, fields: {} });
  const death = deaths.get(localName);
  if (called.size === methods.length && death !== undefined) setImmediate(death);
  return new Promise(() => {});
};
const actor: StreamActor = {
  inject: never('inject'),
  join: never('join'),
  restart: never('restart'),
  leave: never('leave'),
  stats: never('stats'),
  keyframe: never('keyframe'),
  takeOver: never('takeOver'),
  handOver: never('handOver'),
  pointTo: never('pointTo'),
  fragments: never('fragments'),
  addPlayer: never('addPlayer'),
  endLinks: never('endLinks'),
  tellNodes: never('tellNodes'),
  packets: never('packets'),
  stop: never('stop'),
};
exposeCalls(boot.calls, actor, streamActor);
