/** The words behind the name of the bench. */
import type { LoadOptions } from '../../support/load/load.js';

export interface ManyOptions {
  /** All words that are no setting. */
  readonly names: readonly string[];
  readonly churnSeconds: number;
  readonly load: LoadOptions;
}

const defaults: Readonly<Record<string, string>> = { churn: '600', gro: 'on', open: '4', processes: '2' };

/** Throws for a setting that there is not, or a value that it cannot have. */
export function readOptions(words: readonly string[]): ManyOptions {
  const isSetting = (word: string): boolean => word.includes('=');
  const set = new Map(Object.entries(defaults));
  for (const [name = '', value = ''] of words.filter(isSetting).map((word) => word.split('='))) {
    if (!set.has(name)) throw new Error(`${name}=: the settings are ${[...set.keys()].join('=, ')}=`);
    set.set(name, value);
  }
  const count = (name: string): number => {
    const value = Number(set.get(name));
    if (!Number.isInteger(value) || value < 1) throw new Error(`${name}=${set.get(name)}: it takes a number from 1 on`);
    return value;
  };
  const gro = set.get('gro');
  if (gro !== 'on' && gro !== 'off') throw new Error(`gro=${gro}: it takes on or off`);
  return {
    names: words.filter((word) => !isSetting(word)),
    churnSeconds: count('churn'),
    load: { processes: count('processes'), usesGro: gro === 'on', openEvery: count('open') },
  };
}
