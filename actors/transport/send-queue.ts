/** What the sockets of one endpoint have taken and not sent yet: bounded, and losses are counted and told now and then. */
import type { LogFields, LogLevel } from '../../src/log-line.js';
import type { DatagramCounts } from '../stats.js';

export interface SendQueue {
  readonly bytes: number;
  /** False when it would be too much; then it counts as lost. */
  take(sizeBytes: number): boolean;
  /** `refusedBy`: the code of the error ("EMSGSIZE") when the kernel did not take it. */
  done(sizeBytes: number, refusedBy: string | null): void;
  /** What the kernel did not take. */
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

export function createSendQueue(
  maxBytes: number,
  nowMs: () => number,
  log: (level: LogLevel, event: string, fields: LogFields) => void,
): SendQueue {
  let bytes = 0;
  let lost: Record<string, number> = {};
  const refused = { tooLong: 0, dropped: 0 };
  let reportedMs = Number.NEGATIVE_INFINITY;

  return {
    get bytes() {
      return bytes;
    },
    take(sizeBytes) {
      if (bytes + sizeBytes > maxBytes) {
        this.lost('full');
        return false;
      }
      bytes += sizeBytes;
      return true;
    },
    done(sizeBytes, refusedBy) {
      bytes -= sizeBytes;
      if (refusedBy === null) return;
      refused[refusedBy === 'EMSGSIZE' ? 'tooLong' : 'dropped'] += 1;
      this.lost(refusedBy);
    },
    refused,
    lost(code) {
      lost[code] = (lost[code] ?? 0) + 1;
    },
    report() {
      if (Object.keys(lost).length === 0 || nowMs() - reportedMs < reportMs) return;
      reportedMs = nowMs();
      log('warn', 'viewers.sendLost', lost);
      lost = {};
    },
    async drained() {
      for (let turn = 0; turn < maxDrainTurns && bytes > 0; turn += 1) await new Promise(setImmediate);
    },
  };
}
