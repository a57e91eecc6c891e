/** Histograms of how long joins and hand-overs take. */
import { Histogram, type Registry } from 'prom-client';
import type { OnTiming } from '../supervisor/timings.js';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Gives what takes each as it happens. */
export function createTimingMetrics(registry: Registry): OnTiming {
  const registers = [registry];
  const histogram = (name: string, help: string): Histogram =>
    new Histogram({ name: `sluice_${name}_seconds`, help, buckets: seconds, registers });
  const join = histogram('join', 'From the request of a viewer until its media flows');
  const firstFrame = histogram('first_frame', 'From the wish to play until a frame is decoded, as players tell');
  const handOver = histogram('hand_over_gap', 'How long viewers had no media while another thread took them over');
  const parts = new Histogram({
    name: 'sluice_join_part_seconds',
    help: 'Parts of a join: answer (until the offer is answered), ice (until the first check), dtls',
    buckets: seconds,
    labelNames: ['part'],
    registers,
  });
  return (timing, ms) => {
    switch (timing) {
      case 'join':
        return join.observe(ms / 1000);
      case 'firstFrame':
        return firstFrame.observe(ms / 1000);
      case 'handOver':
        return handOver.observe(ms / 1000);
      case 'answer':
      case 'ice':
      case 'dtls':
        return parts.observe({ part: timing }, ms / 1000);
    }
  };
}
