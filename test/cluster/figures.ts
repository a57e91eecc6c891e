/** What a scenario found: figures for people, and what was wrong with them. */
import { printTable, type Row } from '../bench/report.js';

export interface Figures {
  /** One line of the table. `most`: the goal; beyond it the scenario has failed. */
  note(figure: string, value: number, most?: number): void;
  readonly rows: readonly Row[];
  readonly failures: readonly string[];
}

export function createFigures(scenario: string): Figures {
  const rows: Row[] = [];
  const failures: string[] = [];
  return {
    rows,
    failures,
    note(figure, value, most) {
      const shown = Number.isInteger(value) ? value : Number(value.toFixed(2));
      rows.push({ scenario, figure, value: shown, goal: most === undefined ? '' : `<= ${most}` });
      if (most !== undefined && !(value <= most)) failures.push(`${scenario}: ${figure}: ${shown}, and not <= ${most}`);
    },
  };
}

export const printFigures = ({ rows }: Figures): void => printTable('', rows);
