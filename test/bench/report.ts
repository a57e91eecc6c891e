/** How benches say what they found: a table for people, JSON below .build/bench for programs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Columns by name, in the order of the first row's keys. */
export type Row = Readonly<Record<string, string | number>>;

export function printTable(title: string, rows: readonly Row[]): void {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))];
  const widths = names.map((_name, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  console.log(`\n${title}`);
  for (const line of cells) console.log(`  ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`);
}

export function writeResult(name: string, result: object): void {
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version };
  mkdirSync('.build/bench', { recursive: true });
  writeFileSync(`.build/bench/${name}.json`, `${JSON.stringify({ machine, ...result }, null, 2)}\n`);
  console.log(
    `\n${machine.cores} cores (${machine.model}), Node ${machine.node}; all figures: .build/bench/${name}.json`,
  );
}

/** The value below which this share of the sorted values lies. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
