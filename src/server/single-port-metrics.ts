/** What came to the one port of all streams (webrtc.singlePort). */
import { Counter, type Registry } from 'prom-client';
import type { Streams } from '../supervisor/streams.js';

/** Gives what sets them: nothing where each stream has a port of its own. */
export function createSinglePortMetrics({ singlePort }: Pick<Streams, 'singlePort'>, registry: Registry): () => void {
  if (singlePort() === null) return () => {};
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `sluice_single_port_${name}_total`, help, registers: [registry] });
  const received = counter('datagrams', 'Datagrams that came to webrtc.singlePort');
  const unknown = counter('unknown', 'Datagrams at webrtc.singlePort of nobody that is known here, which were dropped');
  const lost = counter(
    'lost',
    'Datagrams at webrtc.singlePort that were dropped because the thread of their stream did not read',
  );
  return () => {
    const counts = singlePort();
    for (const metric of [received, unknown, lost]) metric.reset();
    received.inc(counts?.received ?? 0);
    unknown.inc(counts?.unknown ?? 0);
    lost.inc(counts?.lost ?? 0);
  };
}
