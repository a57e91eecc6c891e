/** The kinds of harm that chaos does to one stream, or to the whole process. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, faults } from '../../src/core/supervise/faults.js';
import { until } from '../support/until.js';
import type { ChaosStage, ChaosStream } from './stage.js';

export interface Blow {
  readonly kind: string;
  /** Who may feel it: the stream, every stream, or no viewer at all. */
  readonly hits: 'one' | 'all' | 'nobody';
  strike(stage: ChaosStage, stream: ChaosStream): Promise<void>;
}

async function post(stage: ChaosStage, path: string, body: object): Promise<void> {
  const { status } = await stage.sluice.post(path, body);
  // One blow may hit a stream that is down from the one before.
  if (status !== 200 && status !== 409) throw new Error(`${path} answered ${status}`);
}

/** The recording of the first stream may have ended by itself. */
async function recordAgain(stage: ChaosStage): Promise<void> {
  const [first] = stage.streams;
  if (first !== undefined) await post(stage, `/api/streams/${first.pullId}/recording`, {});
}

const stopMs = 3000;
const floodDatagrams = 20_000;

/** Not those that end the whole process, or a rendition, which no stream here has. */
const isOfThread = (fault: Fault): boolean => !/abort|rendition/i.test(fault);
const isOfShard = (fault: Fault): boolean => fault === 'shard' || fault === 'shardHang';
/** Some break the thread at once, some fill its memory first. */
const brokenMs = 60_000;

/** What tells that it is done: the end of a thread, but for an exception that may be caught. */
const eventOf = (fault: Fault): string =>
  isOfShard(fault) ? 'shard.ended' : fault === 'throwOnce' ? 'drill.throws' : 'actor.ended';

/** Waits until the thread that it breaks has ended, where there is one. */
async function drill(stage: ChaosStage, { name }: ChaosStream, fault: Fault): Promise<void> {
  const event = eventOf(fault);
  const ends = (): number => stage.sluice.log().filter((line) => line.event === event && line.name === name).length;
  const before = ends();
  await post(stage, '/api/fault', { name, fault });
  // A stream may have no further thread at the moment.
  const ended = until(`${fault} ends a thread`, () => ends() > before, isOfShard(fault) ? 5000 : brokenMs);
  await (isOfShard(fault) ? ended.catch(() => {}) : ended);
}

const drills: readonly Blow[] = faults.filter(isOfThread).map((fault) => ({
  kind: fault,
  hits: 'one',
  strike: (stage, stream) => drill(stage, stream, fault),
}));

export const blows: readonly Blow[] = [
  ...drills,
  {
    kind: 'restart',
    hits: 'one',
    strike: (stage, { pullId }) => post(stage, `/api/streams/${pullId}/restart`, {}),
  },
  {
    kind: 'source dropped',
    hits: 'one',
    async strike(_stage, { relay }) {
      relay.cut();
    },
  },
  {
    kind: 'flood of datagrams',
    hits: 'one',
    async strike(_stage, { viewers }) {
      const [viewer] = viewers;
      const garbage = Buffer.alloc(200, 0xc8);
      for (let n = 0; n < floodDatagrams; n += 1) {
        viewer?.client.send(garbage);
        if (n % 100 === 0) await new Promise(setImmediate);
      }
    },
  },
  {
    kind: 'process stopped for 3 s',
    hits: 'all',
    async strike({ sluice }) {
      process.kill(sluice.child.pid, 'SIGSTOP');
      await delay(stopMs);
      process.kill(sluice.child.pid, 'SIGCONT');
    },
  },
  {
    kind: 'disk full for 3 s',
    hits: 'nobody',
    async strike(stage) {
      stage.disk.fill(0);
      await delay(stopMs);
      stage.disk.empty();
      await recordAgain(stage);
    },
  },
  {
    kind: 'disk stands still for 3 s',
    hits: 'nobody',
    async strike(stage) {
      stage.disk.freeze();
      await delay(stopMs);
      stage.disk.thaw();
      await recordAgain(stage);
    },
  },
];
