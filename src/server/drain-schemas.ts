/** What /api/drain takes and gives. */
import { z } from 'zod';

const maxDrainMs = 86_400_000;
/** With the 8 s that the end may take, the process is gone 10 s after the order. */
const defaultDrainMs = 2000;
export const drainOrder = z
  .strictObject(
    {
      afterMs: z
        .int('must be a whole number of milliseconds')
        .min(0, 'must not be negative')
        .max(maxDrainMs, `must be at most ${maxDrainMs}`)
        .default(defaultDrainMs)
        .describe('For how long it may be taken back'),
    },
    'has a key that is not known; the only one is afterMs',
  )
  .meta({ id: 'DrainOrder' });
export const drainStatus = z
  .object({ state: z.enum(['serving', 'draining', 'ending']), endsInMs: z.number().nullable() })
  .meta({ id: 'DrainStatus' });
