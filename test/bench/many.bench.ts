/**
 * Many streams and many viewers on one host: `npm run bench -- many [scenario ...] [churn=SECONDS] [gro=off] [open=N]
 * [processes=N]`. It fails when a viewer is lost or the server ends, and not when a goal is missed.
 */
import { type Finding, printFinding } from './many/figure.js';
import { readOptions } from './many/options.js';
import { scenarioNames, scenarioOf } from './many/scenarios.js';
import { writeResult } from './report.js';

const { names, churnSeconds, load } = readOptions(process.argv.slice(2));
const chosen = (names.length === 0 ? scenarioNames : names).map((name) => {
  const run = scenarioOf(name);
  if (run === undefined) throw new Error(`no scenario "${name}": there are ${scenarioNames.join(', ')}, and 10x5`);
  return { name, run };
});

// Its processes end with it in this way alone.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const findings: Finding[] = [];
const failed = new Set<string>();
for (const { name, run } of chosen) {
  try {
    const finding = await run({ load, churnSeconds });
    findings.push(finding);
    printFinding(finding);
    if (finding.failures.length > 0) failed.add(name);
  } catch (error) {
    console.error(`\n${name} FAILED: ${error instanceof Error ? error.message : error}`);
    failed.add(name);
  }
}
writeResult('many', { findings, failed: [...failed] });
process.exit(failed.size > 0 ? 1 : 0);
