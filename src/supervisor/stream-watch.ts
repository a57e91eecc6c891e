/**
 * Looks at every stream each few seconds: keeps the samples that curves are drawn of, and tells the log when something
 * begins to stand between a source and its viewers, and when it ends (docs/diagnosis.md).
 */
import type { StreamStats } from '../../actors/stats.js';
import { alertsOf, diagnose } from '../core/diagnosis/diagnose.js';
import type { Check } from '../core/diagnosis/facts.js';
import type { Logger } from '../log-line.js';
import type { Pull } from './pull.js';
import { factsOf } from './stream-facts.js';
import { createStreamSamples, type Sample, type StreamSamples } from './stream-samples.js';
import type { ViewerInfo } from './view.js';

interface StreamWatchOptions {
  readonly pulls: () => readonly Pull[];
  /** Rejects when the thread does not answer. */
  readonly statsOf: (pullId: string) => Promise<StreamStats>;
  /** CPU time of its threads so far. */
  readonly cpuMsOf: (pull: Pull) => number;
  readonly viewers: () => readonly ViewerInfo[];
  /** Why viewers of this pull went in the last ten minutes. */
  readonly endingsOf: (pullId: string) => Readonly<Record<string, number>>;
  readonly offeredAddresses: readonly string[];
  readonly log: Logger;
}

export interface StreamWatch {
  /** Oldest first; nothing for an unknown pull. */
  history(pullId: string): readonly Sample[];
  /** What stands in the way now: what was seen in two rounds. */
  alerts(pullId: string): readonly Check[];
  /** Asks now. */
  diagnose(pull: Pull): Promise<readonly Check[]>;
  viewerKbps(pullId: string): ReadonlyMap<string, number>;
  /** Of each stream the newest sample. */
  latest(): readonly Sample[];
  close(): void;
}

interface Watched {
  readonly samples: StreamSamples;
  /** By code: of this round, and in how many rounds each was seen, or not seen any more. */
  readonly seen: Map<string, { check: Check; rounds: number; isTold: boolean }>;
}

const everyMs = 5000;
/** A stream that just starts lacks this and that. */
const roundsToTell = 2;

export function createStreamWatch(options: StreamWatchOptions): StreamWatch {
  const { pulls, statsOf, cpuMsOf, viewers, endingsOf, offeredAddresses, log } = options;
  const watched = new Map<string, Watched>();
  let isBusy = false;

  const watchedOf = (pullId: string): Watched => {
    const found = watched.get(pullId) ?? { samples: createStreamSamples(), seen: new Map() };
    watched.set(pullId, found);
    return found;
  };

  const judge = (pull: Pull, stats: StreamStats | null, wallMs: number): readonly Check[] => {
    const { pullId } = pull.spec;
    const { samples } = watchedOf(pullId);
    return diagnose(
      factsOf({
        pull,
        stats,
        lastMinute: (now) => samples.lastMinute(now, wallMs),
        viewers: viewers().filter((viewer) => viewer.pullId === pullId),
        endings: endingsOf(pullId),
        offeredAddresses,
        wallMs,
      }),
    );
  };

  const tell = ({ spec }: Pull, { seen }: Watched, alerts: readonly Check[]): void => {
    const { localName: name, pullId } = spec;
    for (const check of alerts) {
      const before = seen.get(check.code);
      const rounds = Math.min(roundsToTell, (before?.rounds ?? 0) + 1);
      const isTold = before?.isTold === true || rounds >= roundsToTell;
      if (isTold && before?.isTold !== true && check.status !== 'info') {
        log(check.status === 'error' ? 'error' : 'warn', 'alert.began', {
          name,
          pullId,
          code: check.code,
          evidence: check.evidence,
        });
      }
      seen.set(check.code, { check, rounds, isTold });
    }
    for (const [code, one] of seen) {
      if (alerts.some((check) => check.code === code)) continue;
      one.rounds -= 1;
      if (one.rounds > 0) continue;
      seen.delete(code);
      if (one.isTold && one.check.status !== 'info') log('info', 'alert.ended', { name, pullId, code });
    }
  };

  const look = async (pull: Pull): Promise<void> => {
    const stats = await statsOf(pull.spec.pullId).catch(() => null);
    const wallMs = Date.now();
    const one = watchedOf(pull.spec.pullId);
    if (stats !== null) one.samples.add(stats, cpuMsOf(pull), wallMs);
    if (!pull.status.isOver) tell(pull, one, alertsOf(judge(pull, stats, wallMs)));
  };

  const round = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    const all = pulls();
    const known = new Set(all.map(({ spec }) => spec.pullId));
    for (const pullId of watched.keys()) if (!known.has(pullId)) watched.delete(pullId);
    await Promise.all(all.map(look));
    isBusy = false;
  };

  const timer = setInterval(() => void round(), everyMs);
  return {
    history: (pullId) => watched.get(pullId)?.samples.samples ?? [],
    alerts: (pullId) =>
      [...(watched.get(pullId)?.seen.values() ?? [])].flatMap(({ check, isTold }) => (isTold ? [check] : [])),
    async diagnose(pull) {
      const stats = await statsOf(pull.spec.pullId).catch(() => null);
      return judge(pull, stats, Date.now());
    },
    viewerKbps: (pullId) => watched.get(pullId)?.samples.viewerKbps ?? new Map(),
    latest: () => [...watched.values()].flatMap(({ samples }) => samples.samples.at(-1) ?? []),
    close: () => clearInterval(timer),
  };
}
