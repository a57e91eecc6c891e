/** The drain as REST orders it, with no process that would end: one with no time left is ending. */
import { SluiceError } from '../../src/errors.js';
import type { DrainStatus, OrderedDrain } from '../../src/supervisor/drain.js';

const serving: DrainStatus = { state: 'serving', endsInMs: null };

export function createFakeDrain(): OrderedDrain {
  let status = serving;
  return {
    get status() {
      return status;
    },
    begin(afterMs) {
      status = { state: afterMs === 0 ? 'ending' : 'draining', endsInMs: afterMs };
      return status;
    },
    takeBack() {
      if (status.state === 'ending') throw new SluiceError('drain.tooLate');
      status = serving;
      return status;
    },
  };
}
