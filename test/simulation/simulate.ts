/** npm run simulate -- --seeds 10000 [--from 1] [--nodes 50 --streams 500] [--minutes 60: no more]: clusters under faults, and what they broke. */
import { parseArgs } from 'node:util';
import { type Plan, planOf, simulateSeed } from './plan.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    nodes: { type: 'string' },
    streams: { type: 'string' },
    minutes: { type: 'string' },
  },
});
const from = Number(values.from);
const count = Number(values.seeds);
const startedMs = performance.now();
const secondsPast = (): string => ((performance.now() - startedMs) / 1000).toFixed(0);
const cpuSeconds = (): string => (process.cpuUsage().user / 1e6).toFixed(0);
const untilMs = startedMs + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
const tally = { seeds: 0, simulatedMs: 0, operations: 0, large: 0, failed: 0 };

const sized = (plan: Plan): Plan => ({
  size: {
    nodes: Number(values.nodes ?? plan.size.nodes),
    streams: Number(values.streams ?? plan.size.streams),
    faults: plan.size.faults,
  },
  kind: plan.kind,
});

for (let seed = from; seed < from + count && performance.now() < untilMs; seed++) {
  const done = seed - from;
  if (done > 0 && done % 500 === 0) console.error(`${done} of ${count}, ${tally.failed} failed, ${secondsPast()} s`);
  const plan = sized(planOf(seed));
  const { size } = plan;
  const { faults, simulatedMs, operations } = simulateSeed(seed, plan);
  tally.seeds++;
  tally.simulatedMs += simulatedMs;
  for (const times of operations.values()) tally.operations += times;
  if (size.nodes >= 50) tally.large++;
  if (faults.length > 0) {
    tally.failed++;
    const sizes = ['nodes', 'streams'] as const;
    const given = sizes.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]));
    console.log(`seed ${seed} (${size.nodes} nodes, ${size.streams} streams):\n  ${faults.slice(0, 10).join('\n  ')}`);
    console.log(`  again: npm run simulate -- --seeds 1 --from ${seed} ${given.join(' ')}`);
  }
}

const hours = (tally.simulatedMs / 3_600_000).toFixed(1);
console.log(
  `${tally.seeds} seeds from ${from}, ${tally.large} of 50 nodes or more: ${tally.failed} failed; ${hours} h simulated, ` +
    `${tally.operations} calls of the registry, in ${secondsPast()} s (${cpuSeconds()} of them CPU)`,
);
process.exitCode = tally.failed === 0 ? 0 : 1;
