/** Bytes that the sockets of one endpoint have accepted and not sent yet: bounded; losses are counted, and logged now and then. */
import type { Logger } from '../../src/log-line.js';
import type { DatagramCounts } from '../stats.js';

export interface SendQueue {
  readonly bytes: number;
  /** False when the queue is full; the datagram then counts as lost. */
  take(sizeBytes: number): boolean;
  /** `refusedBy`: the code of the error ("EMSGSIZE") when the kernel did not take it. */
  done(sizeBytes: number, refusedBy: string | null): void;
  /** Datagrams that the kernel refused. */
  readonly refused: Pick<DatagramCounts, 'tooLong' | 'dropped'>;
  /** Something was not sent, by the code of the error or "full". */
  lost(code: string): void;
  /** Logs what was lost since the last time, at most once in `reportMs`. */
  report(): void;
  /** Resolves when nothing is left, or after some turns of the event loop. */
  drained(): Promise<void>;
}

const reportMs = 10_000;
const maxDrainTurns = 50;

export function createSendQueue(maxBytes: number, nowMs: () => number, log: Logger): SendQueue {
  let bytes = 0;
  let losses: Record<string, number> = {};
  const refused = { tooLong: 0, dropped: 0 };
  let reportedMs = Number.NEGATIVE_INFINITY;

  const lost = (code: string): void => {
    losses[code] = (losses[code] ?? 0) + 1;
  };

  return {
    get bytes() {
      return bytes;
    },
    take(sizeBytes) {
      if (bytes + sizeBytes > maxBytes) {
        lost('full');
        return false;
      }
      bytes += sizeBytes;
      return true;
    },
    done(sizeBytes, refusedBy) {
      bytes -= sizeBytes;
      if (refusedBy === null) return;
      refused[refusedBy === 'EMSGSIZE' ? 'tooLong' : 'dropped'] += 1;
      lost(refusedBy);
    },
    refused,
    lost,
    report() {
      if (Object.keys(losses).length === 0 || nowMs() - reportedMs < reportMs) return;
      reportedMs = nowMs();
      log('warn', 'viewers.sendLost', losses);
      losses = {};
    },
    async drained() {
      for (let turn = 0; turn < maxDrainTurns && bytes > 0; turn += 1) await new Promise(setImmediate);
    },
  };
}
