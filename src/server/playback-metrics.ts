/** What players tell of themselves, by stream, for /metrics. */
import { Gauge, type Registry } from 'prom-client';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { ViewerInfo } from '../supervisor/view.js';

type Reports = readonly NonNullable<ViewerInfo['report']>[];

const sum = (reports: Reports, pick: (report: Reports[number]) => number): number =>
  reports.reduce((total, report) => total + pick(report), 0);

/** Of the viewers that are there now: a viewer that leaves takes its share with it, so these are no counters. */
const samples: readonly (readonly [string, string, (reports: Reports) => number])[] = [
  ['viewers_reporting', 'Viewers whose player tells how it plays', (reports) => reports.length],
  [
    'viewer_frames_decoded',
    'Frames decoded by the browsers of its viewers',
    (all) => sum(all, (one) => one.framesDecoded),
  ],
  ['viewer_freezes', 'Pauses of the video that its viewers saw', (all) => sum(all, (one) => one.freezes)],
  ['viewer_frozen_seconds', 'How long they were', (all) => sum(all, (one) => one.frozenMs) / 1000],
  [
    'viewer_delay_seconds',
    'From the arrival of a frame until it is shown, the mean of its viewers',
    (all) => {
      const told = all.filter(({ delayMs }) => delayMs !== null);
      return told.length === 0 ? 0 : sum(told, ({ delayMs }) => delayMs ?? 0) / told.length / 1000;
    },
  ],
];

/** Sets them again. */
export function createPlaybackMetrics(
  registry: Registry,
): (pulls: readonly PullInfo[], viewers: readonly ViewerInfo[]) => void {
  const gauges = samples.map(([name, help, sample]) => ({
    sample,
    gauge: new Gauge({ name: `sluice_stream_${name}`, help, labelNames: ['id', 'name'], registers: [registry] }),
  }));
  return (pulls, viewers) => {
    for (const { gauge, sample } of gauges) {
      gauge.reset();
      for (const { pullId, givenName } of pulls) {
        const reports = viewers.flatMap((viewer) =>
          viewer.pullId === pullId && viewer.report !== null ? [viewer.report] : [],
        );
        gauge.set({ id: pullId, name: givenName ?? '' }, sample(reports));
      }
    }
  };
}
