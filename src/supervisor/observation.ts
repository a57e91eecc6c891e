/** What is seen of streams beside their state: what their sources say, samples, alerts, diagnoses. */
import type { StreamStats } from '../../actors/stats.js';
import type { Settings } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Threads } from '../threads/threads.js';
import type { Pull } from './pull.js';
import type { PullTable } from './pull-table.js';
import type { Sample } from './stream-samples.js';
import { createStreamWatch } from './stream-watch.js';
import type { Streams } from './streams.js';
import { offeredAddresses } from './viewer-addresses.js';
import type { ViewerEndings } from './viewer-endings.js';
import type { ViewerIndex } from './viewer-index.js';

interface ObservationOptions {
  readonly settings: Pick<Settings, 'webrtc'>;
  readonly table: Pick<PullTable, 'pulls' | 'get'>;
  readonly statsOf: (pullId: string) => Promise<StreamStats>;
  readonly threads: Pick<Threads, 'childrenOf'>;
  readonly viewers: Pick<ViewerIndex, 'list' | 'alertsChanged'>;
  readonly endings: Pick<ViewerEndings, 'of'>;
  readonly log: Logger;
}

interface Observation {
  readonly observed: Pick<Streams, 'data' | 'history' | 'lastSample' | 'diagnose' | 'alerts' | 'viewerKbps'>;
  /** Of each stream the newest sample. */
  latest(): readonly Sample[];
  close(): void;
}

export function createObservation(options: ObservationOptions): Observation {
  const { settings, table, statsOf, threads, viewers, endings, log } = options;
  const watch = createStreamWatch({
    pulls: () => table.pulls,
    statsOf,
    cpuMsOf: ({ spec, supervised }) =>
      threads.childrenOf(spec.pullId).reduce((sum, { cpuMs }) => sum + (cpuMs ?? 0), supervised.vitals?.cpuMs ?? 0),
    viewers: viewers.list,
    endingsOf: endings.of,
    offeredAddresses: offeredAddresses(settings),
    onAlerts: viewers.alertsChanged,
    log,
  });
  const found = (pullId: string): Pull => {
    const pull = table.get(pullId);
    if (pull === undefined) throw new SluiceError('pull.notFound');
    return pull;
  };
  return {
    observed: {
      data(pullId, since) {
        const { data } = found(pullId);
        return { metadata: data.metadata, events: data.since(since), lastSeq: data.lastSeq };
      },
      history: (pullId) => watch.history(found(pullId).spec.pullId),
      lastSample: (pullId) => watch.history(pullId).at(-1) ?? null,
      diagnose: async (pullId) => watch.diagnose(found(pullId)),
      alerts: watch.alerts,
      viewerKbps: watch.viewerKbps,
    },
    latest: watch.latest,
    close: watch.close,
  };
}
