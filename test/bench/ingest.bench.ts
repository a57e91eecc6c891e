/** What it costs to take a stream in: parsing alone, and a pulled stream that nobody watches. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutFlv } from '../support/source/flv-file.js';
import { actors, measureIdle } from './ingest/idle.js';
import { measureParsing } from './ingest/parsing.js';
import { bitrateKbps, writeStream } from './ingest/stream.js';
import { measureWaking } from './ingest/waking.js';
import { printTable, writeResult } from './report.js';

// First, while all of its code is cold.
const waking = measureWaking();
printTable('A GOP of 4 s, 1080p30 of 5 Mbit/s, that nobody watched becomes packets, ms (goal: 10)', [
  {
    kB: (waking.keptBytes / 1024).toFixed(0),
    packets: waking.packets,
    'the first time': waking.firstMs.toFixed(1),
    later: waking.medianMs.toFixed(1),
    warm: waking.warmMs.toFixed(1),
  },
]);

const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
try {
  const file = join(folder, 'stream.flv');
  writeStream(file);
  const tags = cutFlv(readFileSync(file));
  const parsing = [4096, 128].map((chunkSizeBytes) => measureParsing(chunkSizeBytes, tags));
  printTable(
    'Chunks and FLV tags, Gbit/s on one core',
    parsing.map(({ chunkSizeBytes, parseGbps, copyGbps }) => ({
      'chunk size': chunkSizeBytes,
      parsed: parseGbps.toFixed(2),
      'the same bytes copied': copyGbps.toFixed(2),
    })),
  );
  const idle = await measureIdle(file);
  printTable(`A pulled stream of ${bitrateKbps} kbit/s that nobody watches`, [
    { what: 'its thread, % of a core (goal: at most 1)', figure: idle.actorPercent.toFixed(2) },
    { what: 'the whole process', figure: idle.processPercent.toFixed(2) },
    { what: `the whole process with ${actors} of them, for each`, figure: idle.meanPercent.toFixed(2) },
    { what: 'memory for one more, MiB', figure: idle.actorRssMiB.toFixed(1) },
  ]);
  writeResult('ingest', { waking, parsing, idle });
  console.log(JSON.stringify({ bench: 'ingest', waking, parsing, idle }));
} finally {
  rmSync(folder, { recursive: true });
}
