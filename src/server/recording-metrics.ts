/** What Prometheus is told of recordings. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';

type SetRecordings = (
  streams: Pick<Streams, 'recordingOf' | 'recordingsLoad'>,
  pulls: readonly Pick<PullInfo, 'pullId'>[],
) => void;

export function createRecordingMetrics(registry: Registry): SetRecordings {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `sluice_recordings${name}`, help, registers: [registry] });
  const running = gauge('', 'Recordings that run');
  const troubled = gauge('_troubled', 'Recordings that the disk does not take now');
  const queue = gauge('_queue_bytes', 'Fragments that wait for the disk, in bytes');
  const dropped = new Counter({
    name: 'sluice_recordings_dropped_fragments_total',
    help: 'Fragments that were left out because the disk was too slow',
    registers: [registry],
  });
  const free = gauge('_free_bytes', 'Room on the disk of the recordings, in bytes');

  return (streams, pulls) => {
    const states = pulls.flatMap(({ pullId }) => streams.recordingOf(pullId) ?? []);
    const { queuedBytes, droppedFragments, freeBytes } = streams.recordingsLoad();
    running.set(states.length);
    troubled.set(states.filter(({ trouble }) => trouble !== null).length);
    queue.set(queuedBytes);
    if (freeBytes !== null) free.set(freeBytes);
    dropped.reset();
    dropped.inc(droppedFragments);
  };
}
