/** The files of the repository as the layout tests read them. Tests run from its root. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';

export const files: readonly string[] = ['src', 'actors', 'test', 'config'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
);
/** What runs in the server: src/web runs in browsers, and is in it too. */
export const sources: readonly string[] = files.filter((file) => /^(src|actors)\/.*\.ts$/.test(file));
export const tests: readonly string[] = files.filter((file) => /^test\/.*\.ts$/.test(file));

const texts = new Map<string, string>();

export function read(file: string): string {
  const text = texts.get(file) ?? readFileSync(file, 'utf8');
  texts.set(file, text);
  return text;
}

export const isBelow = (file: string, part: string): boolean => file === part || file.startsWith(`${part}/`);

/** The folder of a file; of what lies beside the folders of src and actors, the file itself. */
export function roomOf(file: string): string {
  const folder = dirname(file);
  return folder === 'src' || folder === 'actors' ? file : folder;
}

export interface Import {
  readonly what: string;
  readonly isType: boolean;
}

/** Static and dynamic imports and exports of a source file. */
export function importsOf(text: string): readonly Import[] {
  const fromClause = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm;
  const bare = /(?:^import\s+|\bimport\()'([^']+)'/gm;
  const typeOf = /\btypeof import\('([^']+)'\)/g;
  const typeQueries = new Set([...text.matchAll(typeOf)].map(([, what]) => what));
  return [
    ...[...text.matchAll(fromClause)].map(([, type, what = '']) => ({ what, isType: type !== undefined })),
    ...[...text.matchAll(bare)].map(([, what = '']) => ({ what, isType: typeQueries.has(what) })),
  ];
}

/** The source file that a relative import names. */
export const targetOf = (file: string, what: string): string =>
  normalize(join(dirname(file), what)).replace(/\.js$/, '.ts');

/** The files of the tree that a file imports, types included. */
export const neighboursOf = (file: string): readonly string[] =>
  importsOf(read(file))
    .filter(({ what }) => what.startsWith('.'))
    .map(({ what }) => targetOf(file, what))
    .filter((target) => existsSync(target));
