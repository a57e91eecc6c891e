// A reporter beside the readable one: which files took longest, and how much CPU, so that the whole run can be kept within its time.
import { readFileSync } from 'node:fs';

const shown = 12;

/** Of a compiled file, and of the source that it is mapped to. */
const nameOf = (file) => /.*\/test\/(.*)\.test\.[jt]s$/.exec(file)?.[1] ?? file;

/** What test/cpu-times.mjs noted. */
function cpuSeconds() {
  const lines = readFileSync(process.env.TEST_CPU_TIMES, 'utf8').trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const [seconds, file] = line.split(/ (.*)/);
      return [nameOf(file), Number(seconds)];
    }),
  );
}

export default async function* slowest(events) {
  const tookMs = new Map();
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting !== 0 || data.file === undefined) continue;
    // Of Node 20 a file itself is reported as a test of its own name.
    if (data.name === data.file) continue;
    const name = nameOf(data.file);
    tookMs.set(name, (tookMs.get(name) ?? 0) + (data.details?.duration_ms ?? 0));
  }
  const cpu = cpuSeconds();
  const sum = [...cpu.values()].reduce((total, seconds) => total + seconds, 0);
  const files = [...tookMs].sort(([, one], [, other]) => other - one).slice(0, shown);
  const padded = (seconds) => `${seconds.toFixed(1).padStart(7)} s`;
  yield `slowest files, by the time of their tests, and their CPU time, which is ${sum.toFixed(0)} s of all files:\n`;
  for (const [name, ms] of files) yield `${padded(ms / 1000)} ${padded(cpu.get(name) ?? 0)}  ${name}\n`;
}
