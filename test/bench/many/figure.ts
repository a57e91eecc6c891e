/** What a scenario found: a figure and its goal, and what makes the bench fail. */
import { printTable } from '../report.js';

export interface Figure {
  readonly what: string;
  readonly measured: string;
  /** Empty: none is set. */
  readonly goal: string;
  readonly isMet: boolean;
}

export interface Finding {
  readonly scenario: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Viewers who were lost or did not come up, threads that died. A goal that is missed is none. */
  readonly failures: readonly string[];
  /** For programs. */
  readonly raw: object;
}

/** The server's log of a scenario lies beside the figures. */
export const logFileOf = (scenario: string): string => `.build/bench/many-${scenario}.log`;

/** `digits`: behind the point. */
export function atMost(what: string, value: number, goal: number, unit: string, digits = 0): Figure {
  const words = (text: string): string => `${text} ${unit}`.trim();
  return { what, measured: words(value.toFixed(digits)), goal: words(`<= ${goal}`), isMet: value <= goal };
}

export const reached = (what: string, count: number, wanted: number): Figure => ({
  what,
  measured: `${count} of ${wanted}`,
  goal: `${wanted}`,
  isMet: count === wanted,
});

export const plain = (what: string, measured: string): Figure => ({ what, measured, goal: '', isMet: true });

/** Without its unit; a window in which there was nothing to measure has no value. */
export const ms = (value: number): string =>
  Number.isNaN(value) ? '-' : value < 10 ? value.toFixed(1) : value.toFixed(0);

export function printFinding({ scenario, title, figures, failures }: Finding): void {
  printTable(
    `${scenario}: ${title}`,
    figures.map(({ what, measured, goal, isMet }) => ({
      what,
      measured,
      goal,
      '': goal === '' ? '' : isMet ? 'met' : 'missed',
    })),
  );
  for (const failure of failures.slice(0, 12)) console.log(`  FAILED: ${failure}`);
  if (failures.length > 12) console.log(`  FAILED: and ${failures.length - 12} more`);
}
