/** Entry of a further fan-out thread: joins the parts, then leaves the thread to them until the actor lets it go. */

import { type MessagePort, workerData } from 'node:worker_threads';
import { exposeCalls } from '../../src/wire/wire.js';
import { createBeat } from '../runtime/beat.js';
import { createThreadClock } from '../runtime/clock.js';
import { createShard, type Shard } from './shard.js';
import { shardCalls } from './shard-calls.js';
import type { FromShard, ShardBoot, ToShard } from './shard-contract.js';

const boot: ShardBoot = workerData;
const { media, actorLife } = boot;
const beat = createBeat(boot.beat);
const loadViewing = () => beat.loading(() => import('./viewing.js'));
// It is opened for viewers.
void loadViewing();
const { nowMs } = createThreadClock();
let shard: Shard | null = null;
/** The actor calls here. */
let calls: MessagePort | null = null;

/** Open ports are what keeps the thread alive, and those to an actor that was abandoned stay open. */
const end = (): void => {
  calls?.close();
  media.close();
  beat.stop();
};

function begin(message: ToShard & { readonly kind: 'begin' }): Shard {
  const made = createShard({
    boot,
    begin: message,
    guard: beat.guard,
    loadViewing,
    nowMs,
    loopLagMs: beat.lagMs,
    post: (event: FromShard) => media.postMessage(event),
  });
  const endBy = async (step: () => Promise<void>): Promise<void> => {
    await step();
    // In the next turn, when the answer is out.
    setImmediate(end);
  };
  const ends = { stop: () => endBy(made.close), handOver: () => endBy(made.abandon) };
  ({ calls } = message);
  exposeCalls(calls, { ...made.calls, ...ends }, shardCalls);
  return made;
}

beat.holds({ countHeld: () => shard?.heldBytes ?? 0, spare() {} });
media.on('message', (message: ToShard) => {
  if (message.kind === 'begin') shard = begin(message);
  else shard?.receive(message);
});
actorLife.on('close', () => media.close());
// The actor is gone, and with it all packets to come; its successor goes on with the viewers.
media.on('close', () => {
  if (shard === null) end();
  else void shard.abandon().then(end);
});
