// A reporter beside the readable one: which files took longest, so that the whole run can be kept within its time.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const shown = 12;
const root = fileURLToPath(new URL('../.build/js/test', import.meta.url));

export default async function* slowest(events) {
  const tookMs = new Map();
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting !== 0 || data.file === undefined) continue;
    // Of Node 20 a file itself is reported as a test of its own name.
    if (data.name === data.file) continue;
    tookMs.set(data.file, (tookMs.get(data.file) ?? 0) + (data.details?.duration_ms ?? 0));
  }
  const files = [...tookMs].sort(([, one], [, other]) => other - one).slice(0, shown);
  yield 'slowest files, by the time of their tests:\n';
  for (const [file, ms] of files) yield `${(ms / 1000).toFixed(1).padStart(7)} s  ${relative(root, file)}\n`;
}
