/** Which names a file exports, and which of them are exported for nobody. */
import { neighboursOf, read } from './tree.js';

interface Export {
  readonly name: string;
  /** An interface or type: whoever calls an exported function may want to name what it takes and gives. */
  readonly isType: boolean;
}

const exported = /^export (?:async )?(const|let|function|class|interface|type) (\w+)/gm;

export const exportsOf = (text: string): readonly Export[] =>
  [...text.matchAll(exported)].map(([, kind = '', name = '']) => ({
    name,
    isType: kind === 'interface' || kind === 'type',
  }));

const mentions = (text: string, name: string): number => [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;

/** "file: name" of each export of `files` that no file of `readers` imports from it; of types, those that it does not use itself. */
export function unusedExports(files: readonly string[], readers: readonly string[]): readonly string[] {
  const importers = new Map<string, string[]>();
  for (const reader of readers) {
    for (const target of neighboursOf(reader)) importers.set(target, [...(importers.get(target) ?? []), reader]);
  }
  return files.flatMap((file) => {
    const texts = (importers.get(file) ?? []).map(read);
    const isUsed = ({ name, isType }: Export): boolean =>
      texts.some((text) => mentions(text, name) > 0) || (isType && mentions(read(file), name) > 1);
    return exportsOf(read(file))
      .filter((one) => !isUsed(one))
      .map(({ name }) => `${file}: ${name}`);
  });
}
