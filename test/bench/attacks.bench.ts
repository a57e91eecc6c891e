/** What attacks cost: `npm run bench -- attacks [strangers] [datagrams] [unfinished] [slow] [pulls] [seconds=60]`. */
import { measureSlow } from './attacks/slow.js';
import { measureDatagrams, measureJoinsInFlood } from './attacks/strangers.js';
import { measureUnfinished } from './attacks/unfinished.js';
import { measureViewerPulls } from './attacks/viewer-pulls.js';
import { printTable, type Row, writeResult } from './report.js';

const words = process.argv.slice(2);
const seconds = Number(/^seconds=(\d+)$/.exec(words.find((word) => word.includes('=')) ?? '')?.[1] ?? 60);
const names = words.filter((word) => !word.includes('='));

const attacks: Readonly<Record<string, readonly [title: string, measure: () => Promise<readonly Row[]>]>> = {
  strangers: ['Viewers who join and watch in a flood of strangers', () => measureJoinsInFlood(seconds)],
  datagrams: ['What a datagram of a stranger costs', () => measureDatagrams(seconds / 6)],
  unfinished: ['Handshakes that are begun and never ended', measureUnfinished],
  slow: ['REST beside connections that send a byte each 10 s', measureSlow],
  pulls: ['Viewers who name a silent host', measureViewerPulls],
};

const results: Record<string, readonly Row[]> = {};
for (const name of names.length === 0 ? Object.keys(attacks) : names) {
  const [title, measure] = attacks[name] ?? [];
  if (title === undefined || measure === undefined) {
    throw new Error(`no attack "${name}": there are ${Object.keys(attacks).join(', ')}, and seconds=60`);
  }
  const rows = await measure();
  printTable(title, rows);
  results[name] = rows;
}
writeResult('attacks', results);
process.exit(0);
