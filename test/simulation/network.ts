/** What lies between the hosts of a simulation, and between them and the registry: delay, loss, and cuts. */
import type { Schedule } from './schedule.js';

export interface Network {
  /** Of one message, in ms; most are fast, some are late. */
  delayMs(): number;
  /** One in a thousand calls is lost on its way, there or back; a few changes of the feed are. */
  losesCall(): boolean;
  losesChange(): boolean;
  isCut(one: string, other: string): boolean;
  cut(one: string, other: string, forMs: number, schedule: Schedule): void;
  /** No message is lost or late any more. */
  heal(): void;
}

/** How the registry is named as an end of a cut. */
export const registry = 'registry';

const pairOf = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);

export function createNetwork(random: () => number): Network {
  const cuts = new Map<string, number>();
  let isHealed = false;

  return {
    delayMs: () => (!isHealed && random() < 0.01 ? 50 + 1500 * random() : 0.2 + 3 * random()),
    losesCall: () => !isHealed && random() < 0.001,
    losesChange: () => !isHealed && random() < 0.01,
    isCut: (one, other) => cuts.size > 0 && cuts.has(pairOf(one, other)),
    cut(one, other, forMs, schedule) {
      const pair = pairOf(one, other);
      const untilMs = Math.max(cuts.get(pair) ?? 0, schedule.nowMs + forMs);
      cuts.set(pair, untilMs);
      schedule.after(untilMs - schedule.nowMs, () => {
        if (cuts.get(pair) === untilMs) cuts.delete(pair);
      });
    },
    heal() {
      isHealed = true;
    },
  };
}
