/** What /api/supervision gives. */
import { z } from 'zod';

const text = z.string();
const count = z.number();
const utcMs = z.number().describe('UTC, in ms since 1970');

const threadEnd = z.object({ cause: text, error: text.describe('In words; empty: there are none'), atMs: utcMs });
const supervisionChild = z
  .object({
    kind: z.enum(['stream', 'shard', 'rendition', 'spare', 'pool', 'recorder', 'demo']),
    id: text,
    name: text.describe('Of its stream; empty: it works for none'),
    state: text,
    restarts: count,
    lastEnd: threadEnd.nullable().describe('The last end that nobody asked for'),
    lastHandOver: z.object({ gapMs: count, viewersKept: count, viewersLost: count, atMs: utcMs }).nullable(),
    nextTryAtMs: utcMs.nullable(),
    memory: z.object({ usedBytes: count, budgetBytes: count.describe('0: it has no limit') }).nullable(),
    loopLagMs: count.nullable(),
    cpuMs: count.nullable().describe('CPU time so far'),
    get children() {
      return z.array(supervisionChild).describe('Threads that work for it');
    },
  })
  .meta({ id: 'SupervisedThread' });

export const supervision = z
  .object({
    process: z.object({
      memoryBytes: count,
      memoryCeilingBytes: count,
      cpuShare: count.describe('Of the cores of the machine, 0 to 1'),
      network: z
        .object({
          sentKbps: count.describe('What the network interfaces send, in kbit/s'),
          receivedKbps: count,
          maxKbps: count
            .nullable()
            .describe('The most that either is to be: viewers.maxMbps, or 90 % of their speed; null: not known'),
        })
        .describe('Of the machine, other programs included'),
      loopLagMs: count.describe('Of the main thread'),
      cpuMs: count.nullable().describe('CPU time of the main thread so far'),
      room: z
        .object({
          viewers: count,
          more: count.describe('So many more fit, by what viewers cost now'),
          limit: z.enum(['cpu', 'memory', 'bandwidth', 'viewers.max']).describe('What is used up first'),
        })
        .describe('An estimate (docs/operations.md, How many more viewers fit)'),
      threadsStuck: count,
    }),
    children: z.array(supervisionChild),
    ends: z.array(z.object({ kind: text, cause: text, count })).describe('How many threads have ended since the start'),
    refused: z.record(z.string(), count).describe('Viewers that were refused for overload, by what it was of'),
  })
  .meta({ id: 'Supervision' });

export type Supervision = z.infer<typeof supervision>;
export type SupervisedThread = z.infer<typeof supervisionChild>;
