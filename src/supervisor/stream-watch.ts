/**
 * Looks at every stream every few seconds: keeps the samples that curves are drawn of, and tells the log when something
 * begins to stand between a source and its viewers, and when it ends (docs/diagnosis.md).
 */
import { isDeepStrictEqual } from 'node:util';
import type { StreamStats } from '../../actors/stats.js';
import { alertsOf, diagnose } from '../core/diagnosis/diagnose.js';
import type { Check } from '../core/diagnosis/facts.js';
import { type ViewerAlert, viewerAlerts } from '../core/diagnosis/viewer-alerts.js';
import type { Logger } from '../log-line.js';
import type { Pull } from './pull.js';
import { factsOf } from './stream-facts.js';
import { createStreamSamples, type Sample, type ServedViewer, type StreamSamples } from './stream-samples.js';
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
  /** What viewers are told is wrong with the stream is something else now. */
  readonly onAlerts: (pullId: string, alerts: readonly ViewerAlert[]) => void;
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
  /** By name and code: of this round, and in how many rounds each was seen, or not seen any more. */
  readonly seen: Map<string, { check: Check; rounds: number; isTold: boolean }>;
  /** What viewers were told last. */
  told: readonly ViewerAlert[];
}

/** One code may stand for the picture and for the sound. */
const keyOf = ({ name, code }: Check): string => `${name} ${code}`;

const servedBesides = (viewers: readonly ViewerInfo[]): readonly ServedViewer[] =>
  viewers.flatMap(({ viewerId, bytesSent }) => (bytesSent === null ? [] : [{ viewerId, bytesSent }]));

const everyMs = 5000;
/** A stream that just starts lacks this and that. */
const roundsToTell = 2;

export function createStreamWatch(options: StreamWatchOptions): StreamWatch {
  const { pulls, statsOf, cpuMsOf, viewers, endingsOf, offeredAddresses, onAlerts, log } = options;
  const watched = new Map<string, Watched>();
  let isBusy = false;

  const watchedOf = (pullId: string): Watched => {
    const found = watched.get(pullId) ?? { samples: createStreamSamples(), seen: new Map(), told: [] };
    watched.set(pullId, found);
    return found;
  };

  const viewersOf = ({ spec }: Pull): readonly ViewerInfo[] => viewers().filter(({ pullId }) => pullId === spec.pullId);

  const judge = (
    pull: Pull,
    stats: StreamStats | null,
    present: readonly ViewerInfo[],
    wallMs: number,
  ): readonly Check[] => {
    const { pullId } = pull.spec;
    const { samples } = watchedOf(pullId);
    return diagnose(
      factsOf({
        pull,
        stats,
        lastMinute: (now) => samples.lastMinute(now, wallMs),
        viewers: present.filter(({ mediaProvider }) => mediaProvider === 'WebRTC'),
        endings: endingsOf(pullId),
        offeredAddresses,
        wallMs,
      }),
    );
  };

  const tell = ({ spec }: Pull, { seen }: Watched, alerts: readonly Check[]): void => {
    const { localName: name, pullId } = spec;
    for (const check of alerts) {
      const before = seen.get(keyOf(check));
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
      seen.set(keyOf(check), { check, rounds, isTold });
    }
    for (const [key, one] of seen) {
      if (alerts.some((check) => keyOf(check) === key)) continue;
      one.rounds -= 1;
      if (one.rounds > 0) continue;
      seen.delete(key);
      const { code, status } = one.check;
      if (one.isTold && status !== 'info') log('info', 'alert.ended', { name, pullId, code });
    }
  };

  const toldOf = ({ seen }: Watched): readonly Check[] =>
    [...seen.values()].flatMap(({ check, isTold }) => (isTold ? [check] : []));

  const tellViewers = (pullId: string, one: Watched, next: readonly ViewerAlert[]): void => {
    if (isDeepStrictEqual(next, one.told)) return;
    one.told = next;
    onAlerts(pullId, next);
  };

  const look = async (pull: Pull): Promise<void> => {
    const stats = await statsOf(pull.spec.pullId).catch(() => null);
    const wallMs = Date.now();
    const one = watchedOf(pull.spec.pullId);
    const present = viewersOf(pull);
    if (stats !== null) one.samples.add(stats, servedBesides(present), cpuMsOf(pull), wallMs);
    if (pull.status.isOver) return;
    tell(pull, one, alertsOf(judge(pull, stats, present, wallMs)));
    tellViewers(pull.spec.pullId, one, viewerAlerts(toldOf(one)));
  };

  const round = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    const all = pulls();
    const known = new Set(all.map(({ spec }) => spec.pullId));
    for (const [pullId, one] of watched) {
      if (known.has(pullId)) continue;
      watched.delete(pullId);
      tellViewers(pullId, one, []);
    }
    await Promise.all(all.map(look));
    isBusy = false;
  };

  const timer = setInterval(() => void round(), everyMs);
  return {
    history: (pullId) => watched.get(pullId)?.samples.samples ?? [],
    alerts(pullId) {
      const one = watched.get(pullId);
      return one === undefined ? [] : toldOf(one);
    },
    async diagnose(pull) {
      const stats = await statsOf(pull.spec.pullId).catch(() => null);
      return judge(pull, stats, viewersOf(pull), Date.now());
    },
    viewerKbps: (pullId) => watched.get(pullId)?.samples.viewerKbps ?? new Map(),
    latest: () => [...watched.values()].flatMap(({ samples }) => samples.samples.at(-1) ?? []),
    close: () => clearInterval(timer),
  };
}
