/** How long functions are. The sources are as Biome formats them, so that a block ends at the indentation of its first line. */
import { read } from './tree.js';

/** A factory makes an object out of closures: its length is that of a class. */
const factory = /^(create|open|start)[A-Z]/;
const factoryLines = 120;
const otherLines = 50;

interface Long {
  readonly file: string;
  readonly name: string;
  readonly lines: number;
}

/** Declarations, arrow functions with a name, and methods, by the line that their block begins in. */
const head =
  /^(\s*)(?:export )?(?:async )?(?:function (\w+)|const (\w+)(?::[^=]*)? = (?:async )?\(|(?:async )?#?(\w+)\((?:[^;]*\{)?$)/;
const notFunctions = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'test', 'describe']);

export function functionsOf(file: string): readonly Long[] {
  const lines = read(file).split('\n');
  return lines.flatMap((line, start) => {
    const [, indent = '', ...names] = head.exec(line) ?? [];
    const name = names.find((one) => one !== undefined);
    // An expression after the arrow is no block.
    if (name === undefined || notFunctions.has(name) || !/[{(,]$/.test(line)) return [];
    // Parameters and the type of the result may take lines of their own: "): Result {", "}: Parts): Result {".
    const isEnd = (one: string): boolean => one.startsWith(`${indent}}`) && !/[{(]$/.test(one);
    const body = lines.slice(start).findIndex((one, n) => n > 0 && one.startsWith(indent) && isEnd(one));
    return body < 0 ? [] : [{ file, name, lines: body + 1 }];
  });
}

export const longFunctions = (files: readonly string[]): readonly Long[] =>
  files
    .flatMap(functionsOf)
    .filter(({ name, lines }) => lines > (factory.test(name) ? factoryLines : otherLines))
    .sort((one, other) => other.lines - one.lines);
