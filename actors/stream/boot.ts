/**
 * Entry of a stream actor's thread: waits for its stream, joins the parts, then leaves the thread to them (ARCHITECTURE.md,
 * Stream actor). A spare thread stands here with all code loaded, until there is a stream for it.
 */
import { workerData } from 'node:worker_threads';
import { streamActor } from '../../src/wire/contracts.js';
import { exposeCalls } from '../../src/wire/wire.js';
import type { ActorBirth, ActorEvent, StreamSpec } from '../contract.js';
import { createBeat } from '../runtime/beat.js';
import { createThreadClock } from '../runtime/clock.js';
import { wrapHost } from '../runtime/host.js';
import { createThreadLog } from '../runtime/log.js';
import { receiveSpec } from '../runtime/spec.js';
import { createActor } from './actor.js';
import { createPipeline } from './pipeline.js';
import { createStreamCode } from './stream-code.js';

const birth: ActorBirth = workerData;
const beat = createBeat(birth.beat);
const code = createStreamCode(beat);
// A thread that stands ready has the time for it.
const loaded = birth.loadsAhead ? code.ahead() : Promise.resolve();

function begin(spec: StreamSpec): void {
  const boot = { ...birth, spec };
  const clock = createThreadClock();
  const post = (event: ActorEvent): void => boot.events.postMessage(event);
  const log = createThreadLog({ post, linesTaken: beat.linesTaken });
  const pipeline = createPipeline({
    boot,
    log,
    post,
    host: wrapHost(boot.host),
    guard: beat.guard,
    code,
    loopLagMs: beat.lagMs,
    onBeat: beat.onBeat,
    nowMs: clock.nowMs,
    wallMs: clock.wallMs,
  });
  beat.holds(pipeline.holdings);
  const actor = createActor({
    pipeline,
    guard: beat.guard,
    log,
    drills: boot.faultInjection ? code.drills() : null,
    onStopped() {
      // In the next turn, when the answer to `stop` is out. The open ports are what keeps the thread alive.
      setImmediate(() => {
        for (const port of [boot.calls, boot.host, boot.events]) port.close();
        beat.stop();
      });
    },
  });
  exposeCalls(boot.calls, actor, streamActor);
  log('debug', 'actor.up');
  pipeline.start();
}

void receiveSpec().then(async (spec) => {
  if (spec !== null) return begin(spec);
  // Not in the midst of a load.
  await loaded;
  process.exit(0);
});
